import { bareExpress, bareHttp, batchedExpress } from './bare.js'
import { fastJwtCached, joseAndRedis, joseByHand, usualSuite } from './by-hand.js'
import { expressJwt, fastifyWithJwt, oauth2JwtBearer, passportJwt } from './libraries.js'
import { bearerAndScope, bearerOnly, fullSuite, withDenylist } from './ours.js'

/**
 * Everything that is measured, in the order of the tables.
 *
 * `kind`: a `floor` checks nothing; `ours`; a `peer`. `against` names the floor that a batched
 * design must be compared with. `algorithms`: those it can verify, where not all.
 * `build` makes the request listener.
 */
export const CANDIDATES = [
  { id: 'http', title: 'bare node:http', kind: 'floor', build: bareHttp },
  { id: 'express', title: 'bare Express 5', kind: 'floor', build: bareExpress },
  {
    id: 'express-hop',
    title: 'bare Express 5, one batched hop',
    kind: 'floor',
    build: batchedExpress,
  },
  { id: 'ours-bearer', title: 'requireBearer', kind: 'ours', build: bearerOnly },
  { id: 'ours-scope', title: 'requireBearer + requireScope', kind: 'ours', build: bearerAndScope },
  {
    id: 'ours-replicated',
    title: 'bearer, scope, replicated Redis',
    kind: 'ours',
    build: (context) => withDenylist(context, 'replicated'),
  },
  {
    id: 'ours-strict',
    title: 'bearer, scope, strict Redis',
    kind: 'ours',
    against: 'express-hop',
    build: (context) => withDenylist(context, 'strict'),
  },
  {
    id: 'ours-suite',
    title: 'full suite, replicated Redis',
    kind: 'ours',
    build: (context) => fullSuite(context, 'replicated'),
  },
  {
    id: 'ours-suite-strict',
    title: 'full suite, strict Redis',
    kind: 'ours',
    against: 'express-hop',
    build: (context) => fullSuite(context, 'strict'),
  },
  { id: 'fast-jwt', title: 'fast-jwt by hand, its cache', kind: 'peer', build: fastJwtCached },
  { id: 'jose', title: 'jose by hand', kind: 'peer', build: joseByHand },
  {
    id: 'express-jwt',
    title: 'express-jwt + jwks-rsa',
    kind: 'peer',
    algorithms: ['RS256', 'ES256'],
    build: expressJwt,
  },
  { id: 'jose-redis', title: 'jose + ioredis EXISTS', kind: 'peer', build: joseAndRedis },
  { id: 'eojb', title: 'express-oauth2-jwt-bearer', kind: 'peer', build: oauth2JwtBearer },
  {
    id: 'passport',
    title: 'passport-jwt + jwks-rsa',
    kind: 'peer',
    algorithms: ['RS256', 'ES256'],
    build: passportJwt,
  },
  {
    id: 'usual-suite',
    title: 'usual suite of five packages',
    kind: 'peer',
    build: usualSuite,
  },
  {
    id: 'fastify',
    title: 'Fastify + @fastify/jwt + get-jwks',
    kind: 'peer',
    algorithms: ['RS256', 'ES256'],
    build: fastifyWithJwt,
  },
]
