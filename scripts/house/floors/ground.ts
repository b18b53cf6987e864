import type { Room } from '../room.js'

/** Nothing here knows what a token is. */
export const GROUND: Readonly<Record<string, Room>> = {
  core: { holds: 'words everyone speaks; no I/O, no clock of its own', imports: [] },
  'core/auth': { holds: 'what a verified token means, and what is noted beside it', imports: [] },
  'core/options': {
    holds: 'options are checked at construction; a complaint names the fix',
    imports: [],
  },
  'core/verdicts': {
    holds: 'how a refusal is called and explained: codes, the text of challenges, reasons as rows',
    imports: [],
  },
  'core/events': { holds: 'how a verdict is told: events, advice, warnings', imports: [] },
  'core/queue': { holds: 'who is served first where many wait', imports: [] },
  net: { holds: 'how a call fails, and how soon and often another may be made', imports: [] },
  'net/network': {
    holds: 'which hosts may be called, and by which way',
    imports: ['net'],
    packages: ['proxy-from-env'],
  },
  'net/fetch': {
    holds: 'the one bounded fetch, for all documents that others publish',
    imports: ['net', 'net/network'],
  },
  redis: { holds: 'what a client is to us, its errors by name, scripts', imports: [] },
  'redis/node-redis': {
    holds: 'makes a client of node-redis look like one of ioredis',
    imports: ['redis'],
    packages: ['redis'],
  },
  'redis/source': {
    holds: 'fail-fast clients of our own, from a URL or a client of the app',
    imports: ['redis', 'redis/node-redis'],
    packages: ['ioredis', 'redis'],
  },
  'redis/asking': {
    holds: 'the one way to ask Redis: links, waits, errors',
    imports: ['redis', 'redis/source'],
  },
  'keys/jwk': { holds: 'what one JWK says, and whether its key may be used', imports: [] },
  keys: {
    holds: 'a set of keys, a source of them, and which are tried for a token',
    imports: ['net', 'keys/jwk'],
  },
  'keys/documents': {
    holds: 'what an issuer publishes: metadata and JWKS, fetched',
    imports: ['net/', 'keys', 'keys/jwk'],
  },
  'keys/manager': {
    holds: 'keys of one issuer, kept up to date through its outages',
    imports: ['net', 'keys', 'keys/jwk', 'keys/documents'],
  },
  replay: { holds: 'which proofs were used, in memory or in Redis', imports: ['redis/'] },
  'http/request': { holds: 'reads a request', imports: [] },
  'http/answer': { holds: 'answers it: status, WWW-Authenticate, pages', imports: [] },
  'http/secrets': { holds: 'key rings, seals, CSRF tokens', imports: [] },
  'http/guard': { holds: 'what every guard is made of', imports: ['http/answer', 'http/request'] },
  'http/origin': {
    holds: 'Fetch Metadata, `Origin`, tokens in cookies',
    imports: ['http/request', 'http/answer'],
  },
  'http/throttle': {
    holds: 'counts failures, alone or shared',
    imports: ['redis/', 'http/request', 'http/secrets'],
  },
  revocation: { holds: 'what is revoked, and what a store of it promises', imports: [] },
  'revocation/memory': { holds: 'the store in the memory of one process', imports: ['revocation'] },
  'revocation/asking': {
    holds: 'how guards ask a store, and what its answer means',
    imports: ['revocation'],
  },
  'revocation/redis/schema': {
    holds: 'names, records and scripts of the data',
    imports: ['redis/', 'revocation'],
  },
  'revocation/redis/health': {
    holds: 'may this Redis be believed?',
    imports: ['redis/', 'revocation', 'revocation/redis/schema'],
  },
  'revocation/redis/replica': {
    holds: 'a copy of the denylist in memory, kept by the log',
    imports: ['redis/', 'revocation', 'revocation/redis/schema'],
  },
  'revocation/redis/strict': {
    holds: 'one question to Redis for each check',
    imports: ['redis/', 'revocation', 'revocation/redis/schema', 'revocation/redis/health'],
  },
  'revocation/redis': {
    holds: 'the store over both modes',
    imports: ['redis/', 'revocation', 'revocation/redis/'],
  },
}
