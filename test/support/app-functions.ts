// Run by the tests as a process of its own: has every function that an app can give to the package
// throw, and reject, while requests come. Prints each error that had nobody to handle it.
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import { authRateLimit, strictCors, type AuthRateLimitOptions } from '../../lib/browser.js'
import {
  backChannelLogout,
  clientSecretBasic,
  csrfGuard,
  defineClaims,
  jtiAllowlist,
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireAuthorizationDetails,
  requireBearer,
  requireClaims,
  requireScope,
  securityHeaders,
  type BearerOptions,
  type CsrfGuardOptions,
  type IssuerOptions,
  type LogoutOptions,
  type ReplayStore,
  type RequireBearerOptions,
} from '../../lib/index.js'
import { sharedSignals, universalLogout, type SharedSignalsFields } from '../../lib/signals.js'
import { protectMcp, type McpRuleOptions } from '../../lib/mcp.js'
import { anomalyRules } from '../../lib/metrics.js'
import {
  redisFamilyStore,
  redisReplayStore,
  redisRevocationStore,
  redisSessionStore,
} from '../../lib/redis.js'
import {
  exchangeFor,
  memoryFamilyStore,
  memorySessionStore,
  refreshFamilies,
  type FamilyStore,
  type SessionStore,
} from '../../lib/session.js'
import { createTestIssuer } from '../../lib/testing.js'
import { serve } from '../../tools/server.js'

type Failing = () => never

const issuer = createTestIssuer()
await issuer.listen()
const good = issuer.token()
const expired = issuer.expired()
const store = memoryRevocationStore()
const secrets = ['a secret of at least 32 bytes, no. 1']
const handler: RequestHandler = (_req, res) => void res.sendStatus(401)
/** As an API does: an error is an answer in its own format. */
const reportError: ErrorRequestHandler = (_error, _req, res, _next) => void res.sendStatus(400)

const broken = {
  ...store,
  check: () => Promise.reject(new Error('down')),
}

function bearer(options: Partial<BearerOptions & IssuerOptions> = {}): RequestHandler {
  return requireBearer({ ...issuer.options, ...options } as RequireBearerOptions)
}

const csrf = (options: CsrfGuardOptions): RequestHandler[] => [csrfGuard(options)]
const csrfToken = (options: object): RequestHandler[] =>
  csrf({ mode: 'token', token: { secrets, ...options } })
const limit = (options: AuthRateLimitOptions): RequestHandler[] => [authRateLimit('login', options)]
const leave = (options: LogoutOptions): RequestHandler[] => [bearer(), logout(store, options)]
const resolver = (allow: (issuer: string) => boolean, resolve: () => never): RequestHandler =>
  requireBearer({ issuers: { allow, resolve } })

/** An app that gives out refresh tokens, and sees one come back. */
function reusing(families: FamilyStore, onEvent?: () => never): RequestHandler[] {
  const options = { issuer: issuer.issuer, secrets, revocations: store, graceSeconds: 0 }
  const login = { subject: 's', clientId: 'app', sessionId: 'i' }
  const reuse: RequestHandler = (_req, res, next) => {
    const made = refreshFamilies(
      families,
      onEvent === undefined ? options : { ...options, onEvent },
    )
    const use = async (): Promise<void> => {
      const { token } = await made.start(login)
      await made.rotate(token, login)
      await made.rotate(token, login)
    }
    use().then(() => res.sendStatus(204), next)
  }
  return [reuse]
}

/** A server that is asked for a tool, a resource or a prompt: the guard reads a body that is parsed. */
function asked(rules: McpRuleOptions, method: string, params: object): RequestHandler[] {
  const body: RequestHandler = (req, _res, next) => {
    Object.assign(req, { body: { jsonrpc: '2.0', id: 1, method, params } })
    next()
  }
  const resource = 'https://api.example.com/mcp'
  return [body, protectMcp({ ...issuer.options, resource, ...rules }).guard]
}

/** A request whose proof is looked up. */
function replaying(replay: ReplayStore): RequestHandler[] {
  const proof = { thumbprint: 't', proofId: 'p', ttlMs: 1000 }
  const claim: RequestHandler = (_req, res, next) => {
    Promise.resolve(replay.claim(proof)).then(() => res.sendStatus(204), next)
  }
  return [claim]
}

const transmitting = createTestIssuer()
const transmitter = transmitting.transmitter()

/** A request that brings a security event. */
function signalled(options: Partial<SharedSignalsFields>): RequestHandler[] {
  const signals = sharedSignals(store, {
    ...transmitter.options,
    authorization: undefined,
    ...options,
  })
  return [
    posting('application/secevent+jwt', transmitter.securityEvent('session-revoked')),
    signals,
  ]
}

/** A request that has a user signed out. */
function signedOut(options: object): RequestHandler[] {
  const body = JSON.stringify({ sub_id: { format: 'opaque', id: 'u' } })
  const authorization = `Bearer ${transmitter.logoutToken()}`
  return [
    posting('application/json', body, authorization),
    universalLogout(store, { ...transmitter.logoutOptions, ...options }),
  ]
}

/** Turns a request into another, as a parser of bodies that ran before would leave it. */
function posting(type: string, body: string, authorization = ''): RequestHandler {
  return (req, _res, next) => {
    req.method = 'POST'
    Object.assign(req.headers, { 'content-type': type, authorization })
    Object.defineProperty(req, 'readableDidRead', { value: true })
    req.body = body
    next()
  }
}

/** A request whose session is looked up. */
function signedIn(sessions: SessionStore): RequestHandler[] {
  const read: RequestHandler = (_req, res, next) => {
    sessions.read('key', true).then(() => res.sendStatus(204), next)
  }
  return [read]
}

/** A request whose token is exchanged. */
function exchanging(clock: Failing): RequestHandler[] {
  const clientAuth = clientSecretBasic('s')
  const client = { issuer: issuer.issuer, clientId: 'app', clientAuth }
  const exchanged = exchangeFor({ audience: 'https://billing.example', client, clock })
  const exchange: RequestHandler = (req, res, next) => {
    exchanged(req).then(() => res.sendStatus(204), next)
  }
  return [bearer(), exchange]
}

/** By interface and member; each mounts what calls the function, and may call it itself. */
export const CASES: Readonly<Record<string, (failing: Failing) => RequestHandler[]>> = {
  'AnomalyRulesOptions.onAlert': (onAlert) => {
    anomalyRules({ onAlert, thresholds: { bruteForce: 2 } })
    return [bearer()]
  },
  'AuthRateLimitOptions.account': (account) => limit({ account }),
  'AuthRateLimitOptions.isFailure': (isFailure) => limit({ isFailure }),
  'BackChannelLogoutOptions.clock': (clock) => [
    backChannelLogout(store, { issuer: issuer.issuer, clientId: 'app', clock }),
  ],
  'BackChannelLogoutOptions.onEvent': (onEvent) => [
    backChannelLogout(store, { issuer: issuer.issuer, clientId: 'app', onEvent }),
  ],
  'CsrfGuardOptions.ambient': (ambient) => csrf({ ambient }),
  'CsrfGuardOptions.exempt': (exempt) => csrf({ exempt: [exempt] }),
  'CsrfTokenOptions.bindTo': (bindTo) => csrfToken({ bindTo, readToken: () => 'a token' }),
  'CsrfTokenOptions.readToken': (readToken) => csrfToken({ readToken }),
  'GuardOptions.onRefuse': (onRefuse) => [bearer(), requireScope('no', { onRefuse })],
  'ClaimOptions.tokenId': (tokenId) => [bearer({ claims: { tokenId } })],
  'IssuerOptions.fetchKeys': (fetchKeys) => [bearer({ fetchKeys })],
  'IssuerOptions.jwks': (jwks) => [bearer({ jwks })],
  'NetworkOptions.headers': (headers) => [bearer({ network: { headers } })],
  'IssuerOptions.validate': (validate) => [bearer({ validate })],
  'IssuerResolver.allow': (allow) => [resolver(allow, allow)],
  'IssuerResolver.resolve': (resolve) => [resolver(() => true, resolve)],
  'JtiBlocklistOptions.onUnavailable': (onUnavailable) => [
    bearer(),
    jtiBlocklist(broken, { onUnavailable }),
  ],
  'LogoutOptions.cookies': (clear) => leave({ cookies: [{ name: 'a', clear }] as never }),
  'LogoutOptions.respond': (respond) => leave({ respond }),
  'LogoutOptions.scope': (scope) => leave({ scope }),
  'ResponderOptions.clock': (clock) => [bearer({ clock })],
  'ResponderOptions.onEvent': (onEvent) => [bearer({ onEvent })],
  'ResponderOptions.onRefuse': (onRefuse) => [bearer({ onRefuse })],
  'MemoryRevocationStoreOptions.clock': (clock) => [
    bearer(),
    jtiBlocklist(memoryRevocationStore({ clock })),
  ],
  'AuthRateLimitOptions.redis': (redis) => limit({ redis }),
  'ThrottleOptions.redis': (redis) => [bearer({ throttle: { redis, secret: secrets[0]! } })],
  'RateLimitRedis.call': (call) => [
    ...limit({ redis: { call } }),
    bearer({ throttle: { redis: { call }, secret: secrets[0]! } }),
  ],
  'ReadableCookie.open': (open) => [bearer({ cookie: { name: 'token', open } })],
  'MemoryFamilyStoreOptions.clock': (clock) => reusing(memoryFamilyStore({ clock })),
  'ExchangeOptions.clock': exchanging,
  'MemorySessionStoreOptions.clock': (clock) => signedIn(memorySessionStore({ clock })),
  'RedisSessionStoreOptions.redis': (redis) => signedIn(redisSessionStore({ redis })),
  'RedisReplayStoreOptions.redis': (redis) => replaying(redisReplayStore({ redis })),
  'RedisFamilyStoreOptions.redis': (redis) => reusing(redisFamilyStore({ redis })),
  'RefreshFamiliesOptions.onEvent': (onEvent) => reusing(memoryFamilyStore(), onEvent),
  'McpRuleOptions.tools': (tools) => asked({ tools }, 'tools/call', { name: 'a' }),
  'McpRuleOptions.resources': (resources) =>
    asked({ resources }, 'resources/read', { uri: 'file:///a' }),
  'McpRuleOptions.prompts': (prompts) => asked({ prompts }, 'prompts/get', { name: 'a' }),
  'RedisRevocationStoreOptions.clock': (clock) => [
    bearer(),
    jtiBlocklist(redisRevocationStore({ redis: 'redis://127.0.0.1:1', clock })),
  ],
  'RedisRevocationStoreOptions.onEvent': (onEvent) => {
    const redis = 'redis://127.0.0.1:1'
    return [bearer(), jtiBlocklist(redisRevocationStore({ redis, onEvent }))]
  },
  'RedisRevocationStoreOptions.redis': (redis) => [
    bearer(),
    jtiBlocklist(redisRevocationStore({ redis })),
  ],
  'RevocationStore.check': (check) => [bearer(), jtiBlocklist({ ...store, check })],
  'ClaimsSchema.validate': (validate) => [
    bearer(),
    defineClaims({ '~standard': { version: 1, vendor: 'test', validate } }),
  ],
  'TokenAllowlist.store': (check) => [bearer(), jtiAllowlist({ ...store, check })],
  'StrictCorsOptions.onEvent': (onEvent) => [
    strictCors({ trustedOrigins: ['https://a.example'], onEvent }),
  ],
  'TokenCookieOptions.clock': () => [],
  // Handed on to the guards, as ResponderOptions.clock.
  'TestIssuerOptions.clock': () => [],
  // Asked for its scopes, and never called.
  'ProtectedResourceMetadataOptions.scopes': () => [],
  'requireAuthorizationDetails.needed': (needed) => [bearer(), requireAuthorizationDetails(needed)],
  'requireClaims.expected': (expected) => [bearer(), requireClaims(expected)],
  'SharedSignalsOptions.clock': (clock) => signalled({ clock }),
  'SharedSignalsOptions.decide': (decide) => signalled({ decide }),
  'SharedSignalsOptions.onEvent': (onEvent) => signalled({ onEvent }),
  'SharedSignalsOptions.onSignal': (onSignal) => signalled({ onSignal }),
  'SubjectOptions.resolveSubject': (resolveSubject) => signalled({ resolveSubject }),
  'PollOptions.authorization': (authorization) => {
    const signals = sharedSignals(store, transmitter.options)
    const polling = signals.poll({ endpoint: 'http://127.0.0.1:1/poll', authorization })
    setTimeout(() => void polling.stop(), 200)
    return []
  },
  'UniversalLogoutOptions.clock': (clock) => signedOut({ clock }),
  'SignOutOptions.onEvent': (onEvent) => signedOut({ onEvent }),
  'SecurityHeadersOptions.contentSecurityPolicy': (contentSecurityPolicy) => {
    try {
      return [securityHeaders({ contentSecurityPolicy })]
    } catch {
      return []
    }
  },
}

const WAYS: Readonly<Record<string, Failing>> = {
  throws: () => {
    throw new Error('the app failed')
  },
  rejects: () => Promise.reject(new Error('the app failed')) as never,
}

let current = ''
for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(event, () => console.log(`unhandled: ${current}`))
}

async function run(guards: readonly RequestHandler[]): Promise<void> {
  const app = express()
  app.use(...guards, handler)
  app.use(reportError)
  const server = await serve(app)
  const origin = { origin: 'https://evil.example' }
  const requests = [
    { authorization: `Bearer ${good}` },
    { authorization: `Bearer ${expired}` },
    { authorization: 'Bearer x' },
    { cookie: 'token=abc', 'x-csrf': '1' },
    { ...origin, cookie: 'token=abc' },
    {},
  ].map((headers: Record<string, string>) =>
    fetch(server.url, { method: 'POST', headers, signal: AbortSignal.timeout(1000) }).then(
      (answer) => answer.text(),
      () => undefined,
    ),
  )
  await Promise.all(requests)
  await server.close()
}

if (process.argv[2] === 'list') console.log(Object.keys(CASES).join('\n'))
else {
  for (const [name, mount] of Object.entries(CASES)) {
    for (const [way, failing] of Object.entries(WAYS)) {
      // A clock is read for each request and is for tests: not worth a look at what it returns.
      if (name.endsWith('.clock') && way === 'rejects') continue
      current = `${name} ${way}`
      await run(mount(failing))
    }
  }
  console.log('done')
}
process.exit(0)
