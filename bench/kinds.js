// The cost of each kind of token once it is known, beside the best peer that has it: `npm run bench:kinds`
// (a minute, after `npm ci` in bench/). In one process and without sockets, so that nothing but the guard
// is measured; in turns, so that whatever the machine does meanwhile meets all. A proof is new with each
// request: its signature is measured beside it. Exits with 1 where a peer is cheaper.
import { execFileSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
execFileSync('npm', ['run', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
const { memoryReplayStore, requireBearer } = await import('../dist/index.js')
const { createTestIssuer } = await import('../dist/testing.js')
const { compactVerify } = await import('jose')
const peers = await import('./kinds/peers.js')

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

const cookie = header(plain, 'cookie', 'token=')
const replay = memoryReplayStore({ maxEntries: 10_000_000, maxPerKey: 10_000_000 })
const guard = (options) => requireBearer({ ...issuer.options, ...options })
const { endpoint, clientId } = issuer.introspection
const jwksUri = `${issuer.issuer}/jwks`
const [jwk] = (await (await fetch(jwksUri)).json()).keys
const named = { issuer: issuer.issuer, audience: issuer.audience }

/** Ours first, then the peers that do the same. */
const KINDS = {
  'a JWT': { headers: header(plain), guards: { ours: guard({}) } },
  'a JWT in a cookie': {
    headers: cookie,
    guards: {
      ours: guard({ cookie: 'token' }),
      'fast-jwt with its cache, by hand': peers.fastJwtOverCookie({ ...named, jwk }),
      'express-jwt': peers.expressJwtOverCookie({ ...named, jwk }),
    },
  },
  'an opaque token, whose answer is remembered': {
    headers: header(opaque),
    guards: {
      ours: guard({ introspection: { ...issuer.introspection, cacheSeconds: 60 } }),
      'passport-http-bearer with a Map': peers.passportOverIntrospection({
        endpoint,
        clientId,
        accessToken: clientId,
      }),
    },
  },
  'a JWT with a DPoP proof of a known key': {
    headers: withProof,
    guards: {
      ours: guard({ origin, dpop: { replay } }),
      'express-oauth2-jwt-bearer': peers.oauth2JwtBearerWithDpop({ ...named, jwksUri }),
    },
  },
}

/** As much of a request of Express as any of them reads. */
function made(headers) {
  const rawHeaders = Object.entries(headers).flat()
  return {
    method: 'GET',
    url: '/notes',
    originalUrl: '/notes',
    protocol: 'https',
    headers: { host: 'api.example.com', ...headers },
    rawHeaders,
    socket: { remoteAddress: '10.0.0.1' },
    get: (name) => (name.toLowerCase() === 'host' ? 'api.example.com' : undefined),
    is: () => false,
  }
}

function pass(guarding, req) {
  return new Promise((resolve, reject) => {
    const refuse = () => reject(new Error('a good token was refused'))
    const res = {
      headersSent: false,
      setHeader() {},
      getHeader() {},
      end: refuse,
      writeHead: refuse,
    }
    guarding(req, res, (error) => (error === undefined ? resolve() : reject(error)))
  })
}

/** Microseconds of CPU time a call. */
async function measured(count, call) {
  const before = process.cpuUsage()
  for (let at = 0; at < count; at += 1) await call(at)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

const SIGNATURE = 'the signature of a proof alone'
const results = Object.fromEntries(
  Object.entries(KINDS).map(([kind, { guards }]) => [
    kind,
    Object.fromEntries(Object.keys(guards).map((name) => [name, []])),
  ]),
)
results[SIGNATURE] = { jose: [] }
for (let turn = 0; turn < TURNS; turn += 1) {
  for (const [kind, { headers, guards }] of Object.entries(KINDS)) {
    for (const [name, guarding] of Object.entries(guards)) {
      const requests = Array.from({ length: PER_TURN }, (_, at) => made(headers(at)))
      results[kind][name].push(await measured(PER_TURN, (at) => pass(guarding, requests[at])))
    }
  }
  const proofs = Array.from({ length: PER_TURN }, (_, at) => withProof(at).dpop)
  const [first] = proofs
  const { jwk: own } = JSON.parse(Buffer.from(first.split('.')[0], 'base64url'))
  const key = createPublicKey({ key: own, format: 'jwk' })
  const verify = (at) => compactVerify(proofs[at], key, { algorithms: ['ES256'] })
  results[SIGNATURE].jose.push(await measured(PER_TURN, verify))
}

function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length * share)]
}

/** Compares the same turns: one in which the machine was busy counts for both. */
function ratio(own, other) {
  return quantile(
    own.map((value, turn) => value / other[turn]),
    0.5,
  )
}

console.log(`Node ${process.version}, ${TURNS} turns of ${PER_TURN}, CPU µs a request\n`)
console.log('| kind | by | median | p10 | ours is |')
console.log('| --- | --- | --- | --- | --- |')
let cheaper = 0
for (const [kind, all] of Object.entries(results)) {
  for (const [name, values] of Object.entries(all)) {
    const shown = [0.5, 0.1].map((share) => quantile(values, share).toFixed(1))
    const isPeer = name !== 'ours' && kind !== SIGNATURE
    const share = isPeer ? ratio(all.ours, values) : 1
    if (share > 1) cheaper += 1
    const cells = [kind, name, ...shown, isPeer ? `${share.toFixed(2)} of it` : '']
    console.log(`| ${cells.join(' | ')} |`)
  }
}
const { 'a JWT': bearer, 'a JWT with a DPoP proof of a known key': proven } = results
const over = [0.5, 0.1].map((share) => {
  const [a, b, c] = [proven.ours, bearer.ours, results[SIGNATURE].jose]
  const [own, known, signature] = [a, b, c].map((values) => quantile(values, share))
  return (own - known - signature).toFixed(1)
})
console.log(`\nA proof over a JWT, apart from its signature: ${over.join(' µs, p10 ')} µs`)
process.exit(cheaper === 0 ? 0 : 1)
