// Run by the tests as a process of its own, whose heap nobody else uses. Fills the memory of verified
// tokens with tokens of one shape after another, and prints for each how full of them the heap got, as
// a share of `maxBytes`.
import { createHmac } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
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
  // What ran before is forgotten only once its last promise is.
  await setImmediate()
  collect()
  return process.memoryUsage().heapUsed
}

/** As many as fit and more, however little is counted for each. */
async function fill(claims: (index: number) => object): Promise<number> {
  const before = await heapUsed()
  const limits = { maxEntries: 1_000_000, maxBytes: MAX_BYTES }
  const guard = requireBearer({ issuer, audience, secret, verifiedTokens: limits })
  const count = Math.ceil((1.5 * MAX_BYTES) / (2 * header(claims(0)).length))
  let most = 0
  for (let sent = 0; sent < count; sent += 1) {
    await send(guard, header({ jti: `${sent}`, ...claims(sent) }))
    if (sent % Math.ceil(count / 5) === 0) most = Math.max(most, (await heapUsed()) - before)
  }
  // The guard is alive until here, and so is what it remembers.
  guard.close()
  return most / MAX_BYTES
}

for (const [name, claims] of TOKEN_SHAPES) {
  console.log(`${name}: ${(await fill(claims)).toFixed(2)}`)
}
