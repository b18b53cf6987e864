import type { Room } from '../room.js'

/** All that an app mounts, calls or runs. */
export const FACE: Readonly<Record<string, Room>> = {
  'guards/grants': {
    holds: 'one guard a file: what a verified token must grant',
    imports: ['tokens/jwt', 'http/guard'],
    siblings: false,
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
  'guards/bearer': {
    holds: 'the decision of requireBearer and fetchGuard, which knows no host',
    imports: ['http/', 'tokens/'],
  },
  guards: {
    holds: 'one file per exported guard',
    imports: ['http/', 'tokens/', 'revocation', 'revocation/asking', 'guards/'],
    packages: ['helmet'],
    siblings: false,
  },
  endpoints: {
    holds: 'handlers an app mounts at a path',
    imports: ['http/', 'keys', 'tokens/', 'revocation', 'revocation/asking'],
    siblings: false,
  },
  session: {
    holds:
      'refresh-token families, and what stores of families and sessions promise; only entries import it',
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
    holds: 'access tokens of sessions: renewed by one holder of the lock, and put on requests',
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
    holds: 'families, sessions and their lock, in Redis',
    imports: ['redis/', 'session'],
  },
  browser: {
    holds: 'what only browsers need; a subpath of its own',
    imports: ['redis/', 'http/'],
    packages: ['cors', 'express-rate-limit'],
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
  'mcp/message': {
    holds: 'what a message of MCP asks for, by its body and its headers',
    imports: ['http/'],
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
  'metrics/rules': { holds: 'one anomaly a file', imports: ['http/'] },
  'metrics/listening': {
    holds: 'how events are heard, and what is known of one',
    imports: ['http/request'],
  },
  'metrics/audit': {
    holds: 'pinoAudit: events as records of an audit log',
    imports: ['http/', 'metrics/listening'],
  },
  metrics: {
    holds: 'subscribers of the event channel: figures, health, alarms; a subpath of its own',
    imports: ['http/', 'metrics/'],
  },
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
