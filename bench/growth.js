// What must not grow: `npm run bench:growth`. Cost with the number of live tokens, memory under
// floods, stalls, and what refusing costs. Exits with 1 where a limit is passed.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { moveToClientCore, startClient, startServer } from './processes.js'
import { quantile } from './quantile.js'

const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: process.execPath },
    check: { type: 'string', multiple: true },
    // A checkout with a build in dist/, whose forged tokens are measured beside ours.
    before: { type: 'string' },
  },
})

const CYCLES = 25
/** A microsecond is looked for here, and the first thirty cycles are those of the JIT. */
const REFUSAL_CYCLES = 120
const BEARER = 'ours-bearer'
const EARLIER = `before-${BEARER}`
const BUILT = ['express', 'express-signature', 'express-signatures', BEARER, EARLIER]

if (options.before !== undefined) process.env.BENCH_BEFORE = resolve(options.before)
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

/**
 * A forged token costs less than bare Express that checks one signature as each request comes. Bare
 * Express that checks those of a tick back to back, as we do, is the harder base: it is a little
 * cheaper than a refusal, which reads the claims first, so that expired and foreign tokens cost no
 * signature. Known forgeries need no check.
 */
async function refusingIsCheap() {
  const forged = { kind: 'forged' }
  const cpu = await compareOn(
    {},
    'RS256',
    [
      { name: 'express', candidate: 'express', tokens: { kind: 'live', count: 1000 } },
      { name: 'signature', candidate: 'express-signature', tokens: forged },
      { name: 'signatures', candidate: 'express-signatures', tokens: forged },
      { name: 'expired', candidate: BEARER, tokens: { kind: 'expired' }, refused: true },
      { name: 'forged', candidate: BEARER, tokens: forged, refused: true },
      {
        name: 'known',
        candidate: BEARER,
        tokens: { kind: 'known-forged', count: 250 },
        refused: true,
      },
      ...(options.before === undefined
        ? []
        : [{ name: 'before', candidate: EARLIER, tokens: forged, refused: true }]),
    ],
    REFUSAL_CYCLES,
  )
  const over = (own, base) => difference(cpu[own], cpu[base])
  const batchedCheck = over('signatures', 'express')
  report('an expired token, over bare Express', over('expired', 'express'), 'µs', batchedCheck)
  report(
    'a forged token, over a signature checked as it comes',
    over('forged', 'signature'),
    'µs',
    0,
  )
  const beside = ratio(cpu.forged, cpu.signatures)
  report('a forged token, beside signatures checked back to back', beside, 'times', 1.1)
  if (options.before !== undefined) {
    report('a forged token, beside the earlier build', ratio(cpu.forged, cpu.before), 'times', 1.05)
  }
  report('a known forged token, over bare Express', over('known', 'express'), 'µs', batchedCheck)
  report('a known forged token, over a forged one', over('known', 'forged'), 'µs', 0)
}

async function compareOn(settings, algorithm, lanes, cycles = CYCLES) {
  const server = await start(settings, algorithm)
  try {
    return await client.order({
      task: 'compare',
      algorithm,
      server: server.ready,
      lanes,
      cycles,
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
  const context = { ...client.ready, ...settings, algorithm, only: BUILT }
  return startServer(options.node, context, nodeOptions)
}

function ratio(own, base) {
  return quantile(
    own.map((value, cycle) => value / base[cycle]),
    0.5,
  )
}

function difference(own, base) {
  return quantile(
    own.map((value, cycle) => value - base[cycle]),
    0.5,
  )
}

function report(what, measured, unit, limit) {
  const passed = measured <= limit
  if (!passed) failures += 1
  const figures = `${measured.toFixed(2)} ${unit}, limit ${limit.toFixed(2)}`
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${what}: ${figures}`)
}
