// What each kind of token costs once it is known: `npm run bench:kinds` (20 seconds). In one process and
// without sockets, so that nothing but the guard is measured; in turns, so that whatever the machine does
// meanwhile meets all kinds. A proof is new with each request: its signature is measured beside it.
import { execFileSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
execFileSync('npm', ['run', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
const { memoryReplayStore, requireBearer } = await import('../dist/index.js')
const { createTestIssuer } = await import('../dist/testing.js')
const { compactVerify } = await import('jose')

const TURNS = 40
const PER_TURN = 250
const TOKENS = 100

const origin = 'https://api.example.com'
const issuer = createTestIssuer()
await issuer.listen()

const many = (make) => Array.from({ length: TOKENS }, make)
const claims = { exp: Math.floor(Date.now() / 1000) + 3600, scope: 'read write' }
const plain = many(() => issuer.token(claims))
const opaque = many(() => issuer.opaqueToken(claims))
const client = issuer.dpopClient()
const bound = many(() => client.token(claims))

const header =
  (tokens, name = 'authorization', scheme = 'Bearer ') =>
  (at) => ({
    [name]: scheme + tokens[at % TOKENS],
  })
const withProof = (at) => {
  const token = bound[at % TOKENS]
  const dpop = client.proof(token, { url: `${origin}/notes` })
  return { authorization: `DPoP ${token}`, dpop }
}

const replay = memoryReplayStore({ maxEntries: 10_000_000, maxPerKey: 10_000_000 })
const guard = (options) => requireBearer({ ...issuer.options, ...options })
const KINDS = {
  'a JWT': { guard: guard({}), headers: header(plain) },
  'a JWT in a cookie': {
    guard: guard({ cookie: 'token' }),
    headers: header(plain, 'cookie', 'token='),
  },
  'an opaque token, whose answer is remembered': {
    guard: guard({ introspection: { ...issuer.introspection, cacheSeconds: 60 } }),
    headers: header(opaque),
  },
  'a JWT with a DPoP proof of a known key': {
    guard: guard({ origin, dpop: { replay } }),
    headers: withProof,
  },
}

function made(headers) {
  const rawHeaders = Object.entries(headers).flat()
  return {
    method: 'GET',
    url: '/notes',
    headers,
    rawHeaders,
    socket: { remoteAddress: '10.0.0.1' },
  }
}

function pass(kind, req) {
  return new Promise((resolve, reject) => {
    const refuse = () => reject(new Error(`${kind} was refused`))
    const res = {
      headersSent: false,
      setHeader() {},
      getHeader() {},
      end: refuse,
      writeHead: refuse,
    }
    KINDS[kind].guard(req, res, (error) => (error === undefined ? resolve() : reject(error)))
  })
}

/** Microseconds of CPU time a call. */
async function measured(count, call) {
  const before = process.cpuUsage()
  for (let at = 0; at < count; at += 1) await call(at)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

const SIGNATURE = 'the signature of the proof alone'
const results = Object.fromEntries([...Object.keys(KINDS), SIGNATURE].map((name) => [name, []]))
for (let turn = 0; turn < TURNS; turn += 1) {
  for (const [kind, { headers }] of Object.entries(KINDS)) {
    const requests = Array.from({ length: PER_TURN }, (_, at) => made(headers(at)))
    results[kind].push(await measured(PER_TURN, (at) => pass(kind, requests[at])))
  }
  const proofs = Array.from({ length: PER_TURN }, (_, at) => withProof(at).dpop)
  const [first] = proofs
  const { jwk } = JSON.parse(Buffer.from(first.split('.')[0], 'base64url'))
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const verify = (at) => compactVerify(proofs[at], key, { algorithms: ['ES256'] })
  results[SIGNATURE].push(await measured(PER_TURN, verify))
}

function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length * share)]
}

console.log(
  `Node ${process.version}, ${TURNS} turns of ${PER_TURN}, CPU µs a request: median, p10\n`,
)
const shown = (share, values) => quantile(values, share).toFixed(1).padStart(6)
for (const [name, values] of Object.entries(results)) {
  console.log(`| ${name.padEnd(45)} | ${shown(0.5, values)} | ${shown(0.1, values)} |`)
}
const [bearer, , , proven, signature] = Object.values(results)
const over = [0.5, 0.1].map((share) => {
  const [a, b, c] = [proven, bearer, signature].map((values) => quantile(values, share))
  return (a - b - c).toFixed(1)
})
console.log(`\nA proof over a JWT, apart from its signature: ${over.join(' µs, p10 ')} µs`)
process.exit(0)
