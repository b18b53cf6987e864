// One table, however many rooms.
/* oxlint-disable max-lines */
/**
 * The rooms of `lib/` and what each may import: the one table that lint and CONTRIBUTING read. A
 * name that ends with a slash means that room and those inside it. `core` and its rooms are open to all, and
 * are not listed. Type-only imports count.
 */
export interface Room {
  readonly holds: string
  readonly imports: readonly string[]
  readonly packages?: readonly string[]
  /** False: files of this room never import each other. What they share sinks a floor. */
  readonly siblings?: false
}

export const ROOMS: Readonly<Record<string, Room>> = {
  core: { holds: 'words everyone speaks; no I/O, no clock of its own', imports: [] },
  'core/auth': {
    holds: 'what a verified token means, and what is noted beside it',
    imports: [],
  },
  'core/options': {
    holds: 'options are checked at construction; a complaint names the fix',
    imports: [],
  },
  'core/verdicts': {
    holds: 'how a refusal is called and explained: codes, challenges, reasons as rows',
    imports: [],
  },
  'core/events': {
    holds: 'how a verdict is told: events, advice, warnings',
    imports: [],
  },
  'core/queue': { holds: 'who is served first where many wait', imports: [] },
  net: {
    holds: 'how a call fails, and how soon and often another may be made',
    imports: [],
  },
  'net/network': {
    holds: 'which hosts may be called, and by which way',
    imports: ['net'],
    packages: ['proxy-from-env'],
  },
  'net/fetch': {
    holds: 'the one bounded fetch, for all documents that others publish',
    imports: ['net', 'net/network'],
  },
  redis: {
    holds: 'what a client is to us, its errors by name, scripts',
    imports: [],
  },
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
  'tokens/jwt': {
    holds: 'the format: segments, header, claims, signature, encryption',
    imports: ['keys/'],
    packages: ['jose'],
  },
  'tokens/issuers/policy': {
    holds: 'one issuer: its options, and the policy and keys that they come to',
    imports: ['net/', 'keys/', 'tokens/jwt'],
  },
  'tokens/issuers/registry': {
    holds: 'whose a token is: issuers by name, listed or resolved',
    imports: ['net/', 'keys/', 'tokens/jwt', 'tokens/issuers/policy'],
  },
  'tokens/issuers/presets': {
    holds: 'one product a file, with all that is known of it',
    imports: ['tokens/issuers/policy'],
  },
  'tokens/issuers': {
    holds: 'who is trusted, and whether a token is signed by them',
    imports: ['keys/', 'tokens/jwt', 'tokens/issuers/'],
  },
  replay: { holds: 'which proofs were used, in memory or in Redis', imports: ['redis/'] },
  'tokens/proof/binding': {
    holds: 'what a token is bound to, and what holding it means',
    imports: ['tokens/jwt', 'http/request'],
  },
  'tokens/proof/dpop': {
    holds: 'DPoP proofs (RFC 9449): options, format, key, claims',
    imports: [
      'keys/jwk',
      'tokens/jwt',
      'http/request',
      'http/secrets',
      'replay',
      'tokens/proof/binding',
    ],
    packages: ['jose'],
  },
  'tokens/proof/mtls': {
    holds: 'client certificates (RFC 8705), also behind a proxy',
    imports: ['http/request'],
  },
  'tokens/proof': {
    holds: 'one judgement of possession for each request',
    imports: ['tokens/proof/'],
  },
  'tokens/access': {
    holds: 'what an access token must say',
    imports: ['keys/jwk', 'tokens/jwt', 'tokens/issuers/', 'tokens/proof/'],
  },
  'tokens/introspection/asking': {
    holds: 'one call to an introspection endpoint (RFC 7662), and its signed answer (RFC 9701)',
    imports: ['net/', 'keys/', 'tokens/jwt', 'tokens/issuers/'],
    packages: ['jose', 'oauth4webapi'],
  },
  'tokens/introspection/judging': {
    holds: 'what an answer means for a token, now and later',
    imports: [
      'keys/jwk',
      'tokens/jwt',
      'tokens/issuers/',
      'tokens/access',
      'tokens/proof/',
      'tokens/introspection/asking',
    ],
  },
  'tokens/introspection/limits': {
    holds: 'when an endpoint may be asked: turns, budgets, outages',
    imports: ['net/', 'tokens/introspection/asking'],
  },
  'tokens/introspection': {
    holds: 'the verifier that asks an issuer where a token does not say enough',
    imports: ['net/', 'tokens/issuers/', 'tokens/access', 'tokens/proof/', 'tokens/introspection/'],
  },
  'tokens/events': {
    holds: 'what logout tokens and other event tokens say',
    imports: ['keys', 'tokens/jwt', 'tokens/issuers/', 'tokens/access'],
  },
  'http/request': { holds: 'reads a request', imports: [] },
  'http/answer': { holds: 'answers it', imports: [] },
  'http/secrets': { holds: 'key rings, seals, CSRF tokens', imports: [] },
  'http/guard': {
    holds: 'what every guard is made of',
    imports: ['http/answer', 'http/request'],
  },
  'http/origin': {
    holds: 'Fetch Metadata, `Origin`, tokens in cookies',
    imports: ['http/request', 'http/answer'],
  },
  'http/throttle': {
    holds: 'counts failures, alone or shared',
    imports: ['redis/', 'http/request', 'http/secrets'],
  },
  revocation: {
    holds: 'what is revoked, and what a store of it promises',
    imports: [],
  },
  'revocation/memory': {
    holds: 'the store in the memory of one process',
    imports: ['revocation'],
  },
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
  session: {
    holds: 'refresh-token families; another role of OAuth, the client: nothing imports it',
    imports: ['http/', 'revocation', 'revocation/asking'],
  },
  'session/handler/sessions': {
    holds: 'who is logged in: sessions, sealed in a store, and their cookie',
    imports: ['http/', 'revocation', 'revocation/asking', 'session'],
  },
  'session/handler/login': {
    holds: 'logins under way, and who is led to one',
    imports: ['http/', 'session/handler/sessions'],
  },
  'session/handler/issuer': {
    holds: 'this app as a client of its issuer',
    imports: [
      'net/',
      'tokens/introspection/asking',
      'session/handler/sessions',
      'session/handler/login',
    ],
    packages: ['openid-client'],
  },
  'session/handler/tokens': {
    holds: 'access tokens of sessions: renewed once for all, and put on requests',
    imports: [
      'net/',
      'http/',
      'tokens/access',
      'guards/bearer',
      'session',
      'session/handler/sessions',
      'session/handler/issuer',
    ],
  },
  'session/handler/routes': {
    holds: 'what is mounted: login, callback, session, refresh, logout',
    imports: ['http/', 'revocation', 'revocation/asking', 'session', 'session/handler/'],
  },
  'session/handler': {
    holds: 'tokenHandler and exchangeFor, over the guard and the endpoints',
    imports: [
      'net/',
      'http/',
      'tokens/',
      'revocation',
      'revocation/asking',
      'guards/',
      'endpoints',
      'session',
      'session/handler/',
    ],
  },
  'session/redis': {
    holds: 'families and sessions in Redis',
    imports: ['redis/', 'session'],
  },
  browser: {
    holds: 'what only browsers need; a subpath of its own',
    imports: ['redis/', 'http/'],
    packages: ['cors', 'express-rate-limit'],
  },
  'guards/grants': {
    holds: 'one guard a file: what a verified token must grant',
    imports: ['tokens/jwt', 'http/guard'],
    siblings: false,
  },
  guards: {
    holds: 'one file per exported guard',
    imports: ['http/', 'tokens/', 'revocation', 'revocation/asking', 'guards/'],
    packages: ['helmet'],
    siblings: false,
  },
  'guards/bearer': {
    holds: 'the decision of requireBearer and fetchGuard, which knows no host',
    imports: ['http/', 'tokens/'],
  },
  'guards/csrf': { holds: 'modes and exemptions of csrfGuard', imports: ['http/'] },
  'guards/streams': {
    holds: 'open exchanges, and whether their tokens are still good',
    imports: ['http/guard', 'revocation', 'revocation/asking'],
  },
  'guards/headers': {
    holds: 'what securityHeaders sends',
    imports: ['http/'],
    packages: ['helmet'],
  },
  endpoints: {
    holds: 'handlers an app mounts at a path',
    imports: ['http/', 'keys', 'tokens/', 'revocation', 'revocation/asking'],
    siblings: false,
  },
  'mcp/message': {
    holds: 'what a message of MCP asks for, by its body and its headers',
    imports: ['http/'],
  },
  'signals/subject': {
    holds: 'who a signal is about, and what of theirs a store can revoke',
    imports: ['tokens/', 'revocation', 'revocation/asking'],
  },
  'signals/delivery': {
    holds: 'how signals come, and how their senders are answered',
    imports: ['replay', 'http/', 'tokens/'],
  },
  signals: {
    holds: 'revocations that other systems ask for: security events, universal logout',
    imports: [
      'net/',
      'replay',
      'http/',
      'keys',
      'tokens/',
      'revocation',
      'revocation/asking',
      'signals/',
    ],
  },
  mcp: {
    holds: 'protectMcp and its parts: guards, metadata and scopes for MCP servers',
    imports: [
      'mcp/message',
      'browser',
      'http/',
      'tokens/',
      'revocation',
      'revocation/asking',
      'guards',
      'guards/bearer',
      'endpoints',
    ],
    packages: ['@modelcontextprotocol/server'],
  },
  metrics: {
    holds: 'subscribers of the event channel: figures, audit, alarms; a subpath of its own',
    imports: ['http/', 'metrics/'],
  },
  'metrics/rules': { holds: 'one anomaly a file', imports: ['http/'] },
  client: { holds: 'runs in browsers: needs nothing of all this', imports: [] },
  testing: {
    holds: 'an issuer, a clock and a store for the tests of apps; a subpath of its own',
    imports: ['tokens/', 'revocation', 'revocation/memory', 'signals'],
  },
  audit: { holds: 'rules of standards, and how guards stand to them', imports: ['http/guard'] },
  doctor: {
    holds:
      'the command `doctor`: looks at what an API depends on, by the steps that judge requests',
    imports: [
      'net/',
      'redis/',
      'keys/',
      'tokens/',
      'http/request',
      'revocation/redis/schema',
      'revocation/redis/health',
      'guards/bearer',
      'http/guard',
      'audit',
    ],
  },
}
