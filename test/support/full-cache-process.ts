// Run by the tests as a process of its own, whose heap nobody else uses. Fills the memory of verified
// tokens with tokens of one shape after another, and prints for each how full of them the heap got, as
// a share of `maxBytes`.
import { createHmac } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { requireBearer, type BearerGuard } from '../../lib/index.js'
import { encode } from './forge.js'
import { TOKEN_SHAPES } from './token-shapes.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const MAX_BYTES = 1_572_864
const [issuer, audience, secret] = ['https://id.test', 'https://api.test', Buffer.alloc(32, 1)]
const exp = Math.floor(Date.now() / 1000) + 3600

function header(claims: object): string {
  const input = `${encode({ alg: 'HS256' })}.${encode({ iss: issuer, aud: audience, exp, ...claims })}`
  const signature = createHmac('sha256', secret).update(input).digest('base64url')
  // In one piece, as it comes from a socket.
  return Buffer.from(`Bearer ${input}.${signature}`, 'latin1').toString('latin1')
}

function send(guard: BearerGuard, authorization: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const req = { headers: { authorization }, rawHeaders: ['Authorization', authorization] }
    const refused = (): void => reject(new Error('refused'))
    const res = { setHeader() {}, getHeader() {}, removeHeader() {}, end: refused }
    guard(req as unknown as IncomingMessage, res as unknown as ServerResponse, (error) =>
      error === undefined ? resolve() : reject(error),
    )
  })
}

async function heapUsed(): Promise<number> {
  await setTimeout(1)
  collect()
  return process.memoryUsage().heapUsed
}

interface Filled {
  readonly most: number
  readonly guard: WeakRef<BearerGuard>
}

/** The most that the heap held while as many tokens were sent as fit and more, however little is counted for each. */
async function fillGuard(claims: (index: number) => object): Promise<Filled> {
  const limits = { maxEntries: 1_000_000, maxBytes: MAX_BYTES }
  const guard = requireBearer({ issuer, audience, secret, verifiedTokens: limits })
  const count = Math.ceil((1.5 * MAX_BYTES) / (2 * header(claims(0)).length))
  let most = 0
  for (let sent = 0; sent < count; sent += 1) {
    await send(guard, header({ jti: `${sent}`, ...claims(sent) }))
    const isSample = sent === count - 1 || sent === Math.floor((2 * count) / 3)
    if (isSample) most = Math.max(most, await heapUsed())
  }
  // The guard is alive until here, and so is what it remembers.
  guard.close()
  return { most, guard: new WeakRef(guard) }
}

/** Compared with the heap once the guard is forgotten, since code that was compiled meanwhile stays. */
async function fill(claims: (index: number) => object): Promise<number> {
  const { most, guard } = await fillGuard(claims)
  for (let round = 0; round < 20 && guard.deref() !== undefined; round += 1) await heapUsed()
  let after = Infinity
  for (let round = 0; round < 3; round += 1) after = Math.min(after, await heapUsed())
  return (most - after) / MAX_BYTES
}

// Code is compiled while the first tokens are sent, and its memory is not that of tokens.
await fill(TOKEN_SHAPES[0]![1])
for (const [name, claims] of TOKEN_SHAPES) {
  console.log(`${name}: ${(await fill(claims)).toFixed(2)}`)
}
