/**
 * The rooms of `lib/` and what each may import: the one table that lint and CONTRIBUTING read. A
 * name that ends with a slash means the rooms inside it. `core` and its rooms are open to all, and
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
  'core/verdicts': {
    holds: 'how a refusal is called, answered, explained and told of; the reasons are its rows',
    imports: [],
  },
  'core/queue': { holds: 'who is served first where many wait', imports: [] },
  net: {
    holds: 'the one bounded fetch, its address guard, back-off and budgets',
    imports: [],
    packages: ['proxy-from-env'],
  },
  redis: {
    holds: 'the one way to Redis: fail-fast clients, links, errors by name',
    imports: [],
    packages: ['ioredis', 'redis'],
  },
  'keys/jwk': { holds: 'what one JWK says, and whether its key may be used', imports: [] },
  keys: { holds: 'where keys come from', imports: ['net', 'keys/jwk'] },
  'tokens/jwt': {
    holds: 'the format: segments, header, claims, signature, encryption',
    imports: ['keys', 'keys/jwk'],
    packages: ['jose'],
  },
  'tokens/issuers': {
    holds: 'who is trusted: options, policies, their keys; `presets/` know the products',
    imports: ['net', 'keys', 'keys/jwk', 'tokens/jwt'],
  },
  replay: { holds: 'which proofs were used, in memory or in Redis', imports: ['redis'] },
  'tokens/proof': {
    holds: 'that the sender holds what a token is bound to: DPoP, mutual TLS',
    imports: ['keys/jwk', 'tokens/jwt', 'http/request', 'http/secrets', 'replay'],
    packages: ['jose'],
  },
  'tokens/access': {
    holds: 'what an access token must say',
    imports: ['keys/jwk', 'tokens/jwt', 'tokens/issuers', 'tokens/proof'],
  },
  'tokens/introspection': {
    holds: 'what an issuer says of a token when it is asked (RFC 7662, RFC 9701)',
    imports: [
      'net',
      'keys',
      'keys/jwk',
      'tokens/jwt',
      'tokens/issuers',
      'tokens/access',
      'tokens/proof',
    ],
    packages: ['jose', 'oauth4webapi'],
  },
  'tokens/events': {
    holds: 'what logout tokens and other event tokens say',
    imports: ['keys', 'tokens/jwt', 'tokens/issuers', 'tokens/access'],
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
    imports: ['redis', 'http/request', 'http/secrets'],
  },
  revocation: { holds: 'what is revoked, and how we know', imports: [] },
  'revocation/redis/schema': {
    holds: 'names, records and scripts of the data',
    imports: ['redis', 'revocation'],
  },
  'revocation/redis/health': {
    holds: 'may this Redis be believed?',
    imports: ['redis', 'revocation', 'revocation/redis/schema'],
  },
  'revocation/redis/replica': {
    holds: 'a copy of the denylist in memory, kept by the log',
    imports: ['redis', 'revocation', 'revocation/redis/schema'],
  },
  'revocation/redis/strict': {
    holds: 'one question to Redis for each check',
    imports: ['redis', 'revocation', 'revocation/redis/schema', 'revocation/redis/health'],
  },
  'revocation/redis': {
    holds: 'the store over both modes',
    imports: ['redis', 'revocation', 'revocation/redis/'],
  },
  session: {
    holds: 'refresh-token families; another role of OAuth, the client: nothing imports it',
    imports: ['http/', 'revocation'],
  },
  'session/handler': {
    holds: 'login and sessions for browsers: tokenHandler, over the guard and the endpoints',
    imports: ['net', 'http/', 'tokens/', 'revocation', 'guards/', 'endpoints', 'session'],
    packages: ['openid-client'],
  },
  'session/redis': {
    holds: 'families and sessions in Redis',
    imports: ['redis', 'session'],
  },
  browser: {
    holds: 'what only browsers need; a subpath of its own',
    imports: ['redis', 'http/'],
    packages: ['cors', 'express-rate-limit'],
  },
  guards: {
    holds: 'one file per exported guard',
    imports: ['http/', 'tokens/', 'revocation', 'guards/'],
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
    imports: ['http/guard', 'revocation'],
  },
  'guards/headers': {
    holds: 'what securityHeaders sends',
    imports: ['http/'],
    packages: ['helmet'],
  },
  endpoints: {
    holds: 'handlers an app mounts at a path',
    imports: ['http/', 'keys', 'tokens/', 'revocation'],
    siblings: false,
  },
  signals: {
    holds: 'revocations that other systems ask for: security events, universal logout',
    imports: ['net', 'replay', 'http/', 'keys', 'tokens/', 'revocation'],
  },
  mcp: {
    holds: 'protectMcp and its parts: guards, metadata and scopes for MCP servers',
    imports: ['browser', 'http/', 'tokens/', 'revocation', 'guards', 'guards/bearer', 'endpoints'],
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
    imports: ['tokens/', 'revocation', 'signals'],
  },
  audit: { holds: 'rules of standards, and how guards stand to them', imports: ['http/guard'] },
  doctor: {
    holds:
      'the command `doctor`: looks at what an API depends on, by the steps that judge requests',
    imports: [
      'net',
      'redis',
      'keys',
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
