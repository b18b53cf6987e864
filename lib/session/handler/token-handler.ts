import type { IncomingMessage } from 'node:http'
import { systemTimer } from '../../core/clock.js'
import { optionCheck } from '../../core/options/option-check.js'
import { backChannelLogout } from '../../endpoints/back-channel-logout.js'
import { createTrust } from '../../guards/bearer/source.js'
import type { Middleware } from '../../http/guard/middleware.js'
import { createResponder, type Responder } from '../../http/guard/responder.js'
import { createSeal } from '../../http/secrets/seal.js'
import type { IssuerStatus } from '../../tokens/issuers/registry/registry.js'
import { createAnswers } from './login/answers.js'
import { createSessionGuard, createSessionReader } from './tokens/bearer.js'
import { createSessionCookie, SESSION_COOKIE } from './sessions/session-cookie.js'
import { createIssuerClient } from './issuer/issuer-client.js'
import { createLoginCookies, LOGIN_COOKIE } from './login/login.js'
import { callbackRoute, loginRoute } from './routes/login-routes.js'
import { compileHandler, logoutOptions, trustOptions, type TokenHandlerOptions } from './options.js'
import { createRefresher } from './tokens/refresher.js'
import { createRoutes } from './routes/routes.js'
import { logoutRoute, refreshRoute, sessionRoute } from './routes/session-routes.js'
import { createSessionCodec, type Session } from './sessions/session.js'
import { createSessions } from './sessions/sessions.js'

/** Login and sessions for the pages of one app: its tokens stay on the server. */
export interface TokenHandler {
  /**
   * `GET login`, `GET` and `POST callback`, `GET session`, `POST refresh`, `POST logout` and
   * `POST backchannel-logout`, beside `redirectUri`. Other paths are handed on.
   */
  readonly routes: Middleware
  /** Session cookie to verified `Auth`, as `requireBearer` leaves it for the guards behind. */
  readonly bearer: Middleware
  /** Resolves once the issuer's keys are there; rejects when they cannot be had. */
  ready(): Promise<void>
  /** The state of the issuer's keys, for health checks. */
  status(): readonly IssuerStatus[]
  /** Stops refreshing keys. The stores are the app's. */
  close(): void
}

/**
 * A backend for frontends (RFC 10017 §6.1): users log in at the issuer by authorization code with PKCE,
 * tokens stay in a session on the server, and the browser holds an `HttpOnly` cookie. Needs the package
 * openid-client.
 *
 * | situation                                              | status | answer                            |
 * | ------------------------------------------------------ | ------ | --------------------------------- |
 * | no session, or it is over                              | 401    | as `requireBearer`; pages are led to the login |
 * | a guard behind asks for a stronger login               | 401    | the same, with the step-up        |
 * | a foreign page sent it                                 | 403    | `csrf_cross_site` and its kin     |
 * | a callback of no login of this browser, or a bad one   | 400    | `login_failed`                    |
 * | the store, the denylist or the issuer does not answer  | 503    | `Retry-After`; the cookie stays   |
 *
 * @example
 * const bff = tokenHandler({ issuer, audience, clientId, clientAuth: clientSecretBasic(secret), redirectUri: 'https://app.example.com/auth/callback', scopes: 'notes:read offline_access', sessions: redisSessionStore({ redis }), secrets, revocations })
 * app.use(bff.routes)
 * app.use('/api', bff.bearer, jtiBlocklist(revocations))
 *
 * @throws TypeError at construction, for an unknown, missing or contradictory option.
 * @see RFC 10017 §6.1, OpenID Connect Core 1.0 §3.1, RFC 7636, RFC 9126, RFC 9207
 */
export function tokenHandler(options: TokenHandlerOptions): TokenHandler {
  const check = optionCheck('tokenHandler')
  const settings = compileHandler(check, options)
  const { issuer, base, origin, lifetime } = settings
  const { sessions: store, revocations, secrets, introspection } = options
  const inUse = new WeakMap<IncomingMessage, Session>()
  const responder: Responder = createResponder(check, {
    ...options,
    onRefuse:
      options.onRefuse ??
      createAnswers({
        loginPath: `${base}/login`,
        style: () => responder.style,
        sessionOf: (req) => inUse.get(req),
        clock: () => responder.clock(),
      }),
  })
  const { clock, events } = responder
  const trust = createTrust(check, { ...trustOptions(options), introspection }, responder)
  const client = createIssuerClient({ ...settings.client, clock })
  const codec = createSessionCodec(createSeal(check, 'secrets', secrets, 'session'))
  const sessions = createSessions({
    store,
    codec,
    revocations,
    issuer,
    clientId: settings.client.clientId,
    lifetime,
    clock,
    events,
  })
  const refresher = createRefresher({
    store,
    codec,
    sessions,
    client,
    issuer,
    beforeSeconds: settings.refreshBeforeSeconds,
    timeoutMs: settings.client.timeoutMs,
    clock,
    timer: systemTimer,
    events,
  })
  const cookie = createSessionCookie({
    seal: createSeal(check, 'secrets', secrets, SESSION_COOKIE),
    origin,
    sameSite: settings.sameSite,
    maxAgeSeconds: Math.floor(lifetime.absoluteMs / 1000),
  })
  const logins = createLoginCookies(
    createSeal(check, 'secrets', secrets, LOGIN_COOKIE),
    settings.client.responseMode === 'form_post' ? 'none' : 'lax',
  )
  const reader = createSessionReader({ cookie, sessions, refresher, trust })
  const context = { origin, client, cookie, logins, sessions, reader, store, revocations, clock }
  const backChannel = backChannelLogout(revocations, logoutOptions(options))
  const GET = ['GET', 'HEAD']
  const routes = createRoutes({
    base,
    responder,
    backChannel: { path: 'backchannel-logout', endpoint: backChannel },
    table: {
      login: { methods: ['GET'], route: loginRoute(context) },
      callback: { methods: ['GET', 'POST'], route: callbackRoute(context) },
      session: { methods: GET, route: sessionRoute(context) },
      refresh: { methods: ['POST'], route: refreshRoute(context) },
      logout: { methods: ['POST'], route: logoutRoute(context) },
    },
  })
  return {
    routes,
    bearer: createSessionGuard(reader, responder, (req, session) => inUse.set(req, session)),
    ready: () => trust.issuers.ready(),
    status: () => trust.issuers.status(),
    close() {
      trust.issuers.close()
      backChannel.close()
    },
  }
}
