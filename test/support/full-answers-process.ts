// Run by the tests as a process of its own, whose heap nobody else uses. Fills the memory of introspected
// tokens with answers of one shape after another, and prints for each how full of them the heap got, as a
// share of `maxBytes`. The endpoint is another process.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { fileURLToPath } from 'node:url'
import { systemClock, systemTimer, type Timer } from '../../lib/core/clock.js'
import { optionCheck } from '../../lib/core/options/option-check.js'
import { NOBODY } from '../../lib/core/queue/sender.js'
import { bearer } from '../../lib/tokens/introspection/asking/client-auth.js'
import { compileIntrospection } from '../../lib/tokens/introspection/asking/options.js'
import { ActiveEntry } from '../../lib/tokens/introspection/judging/entries.js'
import { createIntrospector } from '../../lib/tokens/introspection/introspector.js'
import { createIssuers } from '../../lib/tokens/issuers/create.js'
import { NO_PROOFS } from '../../lib/tokens/proof/binding/possession.js'
import { TOKEN_SHAPES } from './token-shapes.js'

const SHAPES = [
  'an ordinary token',
  'hardly any claims',
  'empty lists',
  'eight hundred new names',
  'one long text with a wide character',
  'roles by name',
]
const MAX_BYTES = 1_048_576
const [issuer, audience] = ['https://id.test', 'https://api.test']
const exp = Math.floor(Date.now() / 1000) + 3600

/** Fifty seconds a second: a budget lets unknown tokens be asked about one after another. */
const HASTE = 50
const timer: Timer = {
  now: () => systemTimer.now() * HASTE,
  after: (delayMs, task) => systemTimer.after(delayMs / HASTE, task),
}

if (process.argv[2] === 'serve') await serve()
else await measure()

/** A token is called after its shape. One of no shape is not active. */
async function serve(): Promise<void> {
  const server = createServer((req, res) => {
    let body = ''
    req.setEncoding('utf8').on('data', (text: string) => (body += text))
    req.on('end', () => {
      const [shape = '', index = ''] = (new URLSearchParams(body).get('token') ?? '').split('-')
      const claims = TOKEN_SHAPES[Number(shape)]?.[1](Number(index))
      const active = { active: true, iss: issuer, aud: audience, exp, ...claims }
      res.setHeader('Content-Type', 'application/json')
      res.end(JSON.stringify(claims === undefined ? { active: false } : active))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  console.log((server.address() as AddressInfo).port)
  // It ends with the one that started it.
  process.stdin.resume().on('end', () => process.exit(0))
}

async function measure(): Promise<void> {
  const file = fileURLToPath(import.meta.url)
  const endpoint = spawn(process.execPath, [file, 'serve'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [told] = (await once(endpoint.stdout, 'data')) as [Buffer]
  const port = Number(told.toString())
  // Code is compiled while the first answers come, and its memory is not that of answers.
  await fill(port, '0')
  for (const name of SHAPES) {
    const shape = TOKEN_SHAPES.findIndex(([known]) => known === name)
    console.log(`${name}: ${(await fill(port, `${shape}`)).toFixed(2)}`)
  }
  console.log(`not active: ${(await fill(port, 'none')).toFixed(2)}`)
  endpoint.kill()
  process.exit(0)
}

/** Compared with the heap once all is forgotten. */
async function fill(port: number, shape: string): Promise<number> {
  const most = await filled(port, shape)
  let after = Infinity
  for (let round = 0; round < 5; round += 1) after = Math.min(after, await heapUsed())
  return (most - after) / MAX_BYTES
}

async function filled(port: number, shape: string): Promise<number> {
  const check = optionCheck('test')
  const setup = { check, timer, emit: () => undefined }
  const issuers = createIssuers({ issuer, audience, secret: Buffer.alloc(32, 1) }, setup)
  const url = `http://127.0.0.1:${port}/`
  const client = { clientId: 'api', clientAuth: bearer('api') }
  const settings = compileIntrospection(check, {
    endpoint: url,
    ...client,
    cacheSeconds: 60,
    timeoutMs: 60_000,
  })
  const introspector = createIntrospector({
    settings,
    issuer,
    clock: systemClock,
    possession: NO_PROOFS,
    timer,
    emit: () => undefined,
    remembered: { maxEntries: 1_000_000, maxBytes: MAX_BYTES },
  })
  const [policy] = issuers.policies
  const ask = async (index: number): Promise<number> => {
    const token = `${shape}-${index}`
    const asked = { token, transport: 'header' } as const
    const entry = await introspector.ask(asked, `Bearer ${token}`, policy!, NOBODY)
    return entry instanceof ActiveEntry ? entry.bytes : 1600
  }
  const count = Math.ceil((1.5 * MAX_BYTES) / (await ask(0)))
  let most = 0
  for (let sent = 1; sent < count; sent += 1) {
    await ask(sent)
    const isSample = sent === count - 1 || sent === Math.floor((2 * count) / 3)
    if (isSample) most = Math.max(most, await heapUsed())
  }
  introspector.close()
  issuers.close()
  return most
}

async function heapUsed(): Promise<number> {
  setFlagsFromString('--expose-gc')
  await setTimeout(1)
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed
}
