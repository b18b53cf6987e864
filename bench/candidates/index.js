import { bareExpress, bareHttp, batchedExpress } from './bare.js'
import { expressAndSignature, expressAndSignatures } from './signature.js'

// Peers are loaded by the server that measures them, and by no other: they take 20 MB.
const byHand = (build) => async (context) => (await import('./by-hand.js'))[build](context)
const byLibrary = (build) => async (context) => (await import('./libraries.js'))[build](context)
/** `context.checkout` is measured in place of this one, where it is given. */
const ours =
  (build, ...rest) =>
  async ({ checkout, ...context }) => {
    const query = checkout === undefined ? '' : `?${new URLSearchParams({ checkout })}`
    return (await import(`./ours.js${query}`))[build](context, ...rest)
  }

const LISTED = [
  { id: 'http', title: 'bare node:http', kind: 'floor', build: bareHttp },
  { id: 'express', title: 'bare Express 5', kind: 'floor', build: bareExpress },
  {
    id: 'express-hop',
    title: 'bare Express 5, one batched hop',
    kind: 'floor',
    build: batchedExpress,
  },
  {
    id: 'express-signature',
    title: 'bare Express 5, one RS256 check a request',
    kind: 'floor',
    algorithms: ['RS256'],
    unlisted: true,
    build: expressAndSignature,
  },
  {
    id: 'express-signatures',
    title: 'bare Express 5, the RS256 checks of a tick back to back',
    kind: 'floor',
    algorithms: ['RS256'],
    unlisted: true,
    build: expressAndSignatures,
  },
  { id: 'ours-bearer', title: 'requireBearer', kind: 'ours', build: ours('bearerOnly') },
  {
    id: 'ours-bearer-metrics',
    title: 'requireBearer with prometheusMetrics',
    kind: 'ours',
    build: ours('bearerAndMetrics'),
  },
  {
    id: 'ours-scope',
    title: 'requireBearer + requireScope',
    kind: 'ours',
    build: ours('bearerAndScope'),
  },
  {
    id: 'ours-replicated',
    title: 'bearer, scope, replicated Redis',
    kind: 'ours',
    build: ours('withDenylist', 'replicated'),
  },
  {
    id: 'ours-strict',
    title: 'bearer, scope, strict Redis',
    kind: 'ours',
    against: 'express-hop',
    build: ours('withDenylist', 'strict'),
  },
  {
    id: 'ours-suite',
    title: 'full suite, replicated Redis',
    kind: 'ours',
    build: ours('fullSuite', 'replicated'),
  },
  {
    id: 'ours-suite-strict',
    title: 'full suite, strict Redis',
    kind: 'ours',
    against: 'express-hop',
    build: ours('fullSuite', 'strict'),
  },
  {
    id: 'fast-jwt',
    title: 'fast-jwt by hand, its cache',
    kind: 'peer',
    build: byHand('fastJwtCached'),
  },
  { id: 'jose', title: 'jose by hand', kind: 'peer', build: byHand('joseByHand') },
  {
    id: 'express-jwt',
    title: 'express-jwt + jwks-rsa',
    kind: 'peer',
    algorithms: ['RS256', 'ES256'],
    build: byLibrary('expressJwt'),
  },
  { id: 'jose-redis', title: 'jose + ioredis EXISTS', kind: 'peer', build: byHand('joseAndRedis') },
  {
    id: 'eojb',
    title: 'express-oauth2-jwt-bearer',
    kind: 'peer',
    build: byLibrary('oauth2JwtBearer'),
  },
  {
    id: 'passport',
    title: 'passport-jwt + jwks-rsa',
    kind: 'peer',
    algorithms: ['RS256', 'ES256'],
    build: byLibrary('passportJwt'),
  },
  {
    id: 'usual-suite',
    title: 'usual suite of five packages',
    kind: 'peer',
    build: byHand('usualSuite'),
  },
  {
    id: 'fastify',
    title: 'Fastify + @fastify/jwt + get-jwks',
    kind: 'peer',
    algorithms: ['RS256', 'ES256'],
    build: byLibrary('fastifyWithJwt'),
  },
]

/** Ours once more, by the build of the checkout that `npm run bench -- --before DIRECTORY` names. */
const before = process.env.BENCH_BEFORE
const EARLIER =
  before === undefined
    ? []
    : LISTED.filter(({ kind }) => kind === 'ours').map(({ id, title, build, ...rest }) => ({
        ...rest,
        id: `before-${id}`,
        title: `before: ${title}`,
        build: (context) => build({ ...context, checkout: before }),
      }))

/**
 * Everything that is measured, in the order of the tables.
 *
 * `kind`: a `floor` checks nothing; `ours`; a `peer`. `against` names the floor that a batched
 * design must be compared with. `algorithms`: those it can verify, where not all.
 * `unlisted`: stands in no table, and is built only where it is asked for by name.
 * `build` makes the request listener.
 */
export const CANDIDATES = [...LISTED, ...EARLIER]
