// What must not grow: `npm run bench:growth`. Cost with the number of live tokens, memory under
// floods, stalls, and what refusing costs. Exits with 1 where a limit is passed.
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { parseArgs } from 'node:util'
import { moveToClientCore, startClient, startServer } from './processes.js'
import { quantile } from './quantile.js'

const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: process.execPath },
    check: { type: 'string', multiple: true },
  },
})

const CYCLES = 25
const BEARER = 'ours-bearer'

moveToClientCore()
const client = await startClient()
let failures = 0
try {
  for (const check of [refusingIsCheap, loopIsNotStalled, memoryIsBounded, costIsFlat]) {
    if (options.check?.includes(check.name) ?? true) await check()
  }
} finally {
  client.stop()
}
process.exitCode = failures === 0 ? 0 : 1

/** A hundred thousand live tokens cost what ten do, but for the memory that the CPU must reach. */
async function costIsFlat() {
  const counts = [10, 1000, 10_000, 100_000]
  const settings = { verifiedTokens: { maxEntries: 250_000, maxBytes: 1_000_000_000 } }
  const lanes = counts.map((count) => ({
    name: String(count),
    candidate: BEARER,
    tokens: { kind: 'live', count },
  }))
  const cpu = await compareOn(settings, 'EdDSA', lanes)
  for (const count of counts.slice(1)) {
    const growth = ratio(cpu[count], cpu[counts[0]])
    report(`${count} live tokens cost as much as 10`, growth, 'times', 1.25)
  }
}

/** A heap of 40 MB stands any number of tokens, good and forged, with the default bounds. */
async function memoryIsBounded() {
  for (const kind of ['unique', 'forged']) {
    const state = await floodOn('EdDSA', { kind, count: 20_000 }, ['--max-old-space-size=40'])
    report(`heap after 20000 ${kind} tokens`, state.heapUsed / 1e6, 'MB', 40)
  }
}

/** P-384 takes 0.7 ms a signature, so fifty of them in one tick would stop the process for 35 ms. */
async function loopIsNotStalled() {
  const state = await floodOn('ES384', { kind: 'unique', count: 2500 })
  report('event-loop delay, p99, never-seen ES384 tokens', state.delayP99Ms, 'ms', 50)
}

/** A flood of bad tokens costs no more than serving so many requests, and the checks that cannot be spared. */
async function refusingIsCheap() {
  const cpu = await compareOn({}, 'RS256', [
    { name: 'express', candidate: 'express', tokens: { kind: 'live', count: 1000 } },
    { name: 'expired', candidate: BEARER, tokens: { kind: 'expired' }, refused: true },
    { name: 'forged', candidate: BEARER, tokens: { kind: 'forged' }, refused: true },
  ])
  const express = quantile(cpu.express, 0.5)
  const signature = signatureMicros()
  report('an expired token', quantile(cpu.expired, 0.5), 'us', express)
  report('a forged token', quantile(cpu.forged, 0.5), 'us', express + signature)
}

async function compareOn(settings, algorithm, lanes) {
  const server = await start(settings, algorithm)
  try {
    return await client.order({
      task: 'compare',
      algorithm,
      server: server.ready,
      lanes,
      cycles: CYCLES,
    })
  } finally {
    server.stop()
  }
}

async function floodOn(algorithm, tokens, nodeOptions) {
  const server = await start({}, algorithm, nodeOptions)
  const refused = tokens.kind === 'forged'
  const order = { task: 'flood', algorithm, candidate: BEARER, tokens, refused }
  try {
    return await client.order({ ...order, server: server.ready })
  } finally {
    server.stop()
  }
}

function start(settings, algorithm, nodeOptions) {
  const context = { ...client.ready, ...settings, algorithm, only: ['express', BEARER] }
  return startServer(options.node, context, nodeOptions)
}

/** One RS256 check alone, back to back. */
function signatureMicros() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = createPublicKey({ key: publicKey.export({ format: 'jwk' }), format: 'jwk' })
  const data = Buffer.alloc(700, 'a')
  const signature = sign('sha256', data, privateKey)
  const count = 5000
  const before = process.cpuUsage()
  for (let index = 0; index < count; index += 1) verify('sha256', data, key, signature)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

function ratio(own, base) {
  return quantile(
    own.map((value, cycle) => value / base[cycle]),
    0.5,
  )
}

function report(what, measured, unit, limit) {
  const passed = measured <= limit
  if (!passed) failures += 1
  const figures = `${measured.toFixed(2)} ${unit}, limit ${limit.toFixed(2)}`
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${what}: ${figures}`)
}
