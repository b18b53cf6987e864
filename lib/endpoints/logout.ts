import type { IncomingMessage, ServerResponse } from 'node:http'
import { atOnce } from '../core/app-function.js'
import type { Auth } from '../core/auth/auth.js'
import { noteRevoked } from '../core/auth/revoked-auth.js'
import { AuthError } from '../core/verdicts/errors.js'
import { attempt } from '../core/verdicts/outcome.js'
import { tokenFacts } from '../core/events/events.js'
import { optionCheck, type OptionCheck } from '../core/options/option-check.js'
import { isRecord } from '../core/values.js'
import { authState, misplaced, type AuthState } from '../http/guard/auth-state.js'
import type { ClearableCookie } from '../http/request/cookies.js'
import { answerBy, type Middleware } from '../http/guard/middleware.js'
import type { Exchange } from '../http/guard/responder.js'
import { storeOutage } from '../revocation/asking/outage.js'
import { requireStore } from '../revocation/asking/store-option.js'
import type { RevocationReceipt, RevocationStore, RevocationVerdict } from '../revocation/store.js'
import { isVerdict, noVerdict, revokedToken } from '../revocation/asking/verdict.js'

/**
 * What a logout ends: this token; all tokens of its session; all of the user's other sessions; or
 * everything of the user.
 */
export type LogoutScope = 'token' | 'session' | 'others' | 'everywhere'

export interface LogoutOptions {
  /** What ends: this token, its session, all other sessions of its user, or everything of its user. @default 'session' where the token has a `sid`, else 'token' */
  readonly scope?: LogoutScope | ((auth: Auth, req: IncomingMessage) => LogoutScope) | undefined
  /** Cookies to clear, like `tokenCookie()`: only once the revocation is stored, and not for `others`. */
  readonly cookies?: readonly ClearableCookie[] | undefined
  /** Answers a logout that is done. @default 204 without a body */
  readonly respond?:
    ((auth: Auth, req: IncomingMessage, res: ServerResponse) => unknown) | undefined
}

/** `revoked`: by a token that is revoked already. */
type Revocation = (store: RevocationStore, revoked: boolean) => Promise<RevocationReceipt>

const SCOPES = ['token', 'session', 'others', 'everywhere'] as const

/** What ends more than the session of the token itself. */
const WIDER: readonly LogoutScope[] = ['others', 'everywhere']

interface Authenticated extends Pick<AuthState, 'responder'> {
  readonly auth: Auth
}

/**
 * Ends the caller's token, session or sessions. Mount it at a path, behind `requireBearer`. It
 * answers only when the revocation is stored: a logout that might not have happened is never
 * reported as done. The store is asked about the token first: a second click is no error, but a
 * token that is revoked, perhaps because it was stolen, ends nothing beyond its own session.
 *
 * | outcome                                              | status                    |
 * | ---------------------------------------------------- | ------------------------- |
 * | stored                                               | 204                       |
 * | the token is revoked, and the scope is a wider one   | 401                       |
 * | could not be asked about, or could not be stored     | 503, `Retry-After`        |
 *
 * @example
 * app.post('/logout', bearer, logout(revocations))
 *
 * @throws TypeError at construction, for a store that is none or an unknown option.
 */
export function logout(store: RevocationStore, options: LogoutOptions = {}): Middleware {
  const check = optionCheck('logout')
  requireStore(check, store)
  check.known(options, ['scope', 'cookies', 'respond'])
  const cookies = compileCookies(check, options.cookies)
  check.optionalFunction('respond', options.respond)
  const { scope, respond = noContent } = options
  if (typeof scope !== 'function' && scope !== undefined) check.oneOf('scope', scope, SCOPES, scope)

  async function end(state: Authenticated, exchange: Exchange): Promise<void> {
    const { auth, responder } = state
    const { req, res } = exchange
    const chosen =
      typeof scope === 'function' ? atOnce(scope(auth, req)) : (scope ?? defaultScope(auth))
    const refused = await carryOut(store, auth, chosen)
    if (refused !== undefined) {
      responder.refuse('logout', refused, { ...exchange, auth })
      return
    }
    if (chosen !== 'others') noteRevoked(auth)
    responder.events.emit({ name: 'token.revoked', scope: chosen, token: tokenFacts(auth) })
    res.setHeader('Cache-Control', 'no-store')
    if (chosen !== 'others') for (const cookie of cookies) atOnce(cookie.clear(res))
    await respond(auth, req, res)
  }

  return function logoutMiddleware(req, res, next) {
    const state = authState(req)
    if (state === undefined) {
      misplaced('logout', next)
      return
    }
    const { auth, responder } = state
    const exchange = { req, res, next }
    if (auth === undefined) {
      const error = new AuthError('no_credential', { reason: 'no_credential' })
      responder.refuse('logout', error, exchange)
      return
    }
    answerBy(next, () => end({ auth, responder }, exchange))
  }
}

async function carryOut(
  store: RevocationStore,
  auth: Auth,
  scope: LogoutScope,
): Promise<AuthError | undefined> {
  const revoke = revocationOf(auth, scope)
  const verdict = await ask(store, auth)
  if (verdict instanceof AuthError) return verdict
  if (verdict.revoked && WIDER.includes(scope)) return revokedToken(verdict.by)
  const receipt = await attempt(
    async () => revoke(store, verdict.revoked),
    (cause) => storeOutage('revocation_not_stored', cause),
  )
  return receipt instanceof AuthError ? receipt : undefined
}

/** A store that throws anything does not know whether the token is revoked. */
function ask(store: RevocationStore, auth: Auth): Promise<RevocationVerdict | AuthError> {
  const asking = async (): Promise<RevocationVerdict> => {
    const verdict: unknown = await store.check(auth)
    if (isVerdict(verdict)) return verdict
    throw noVerdict()
  }
  return attempt(asking, (cause) => storeOutage('revocation_unavailable', cause))
}

function compileCookies(
  check: OptionCheck,
  option: LogoutOptions['cookies'],
): readonly ClearableCookie[] {
  const cookies: readonly unknown[] = Array.isArray(option) ? option : []
  if ((option !== undefined && option !== cookies) || !cookies.every(isClearable)) {
    check.refuse('cookies', 'be a list of tokenCookie()', option)
  }
  return option ?? []
}

function isClearable(cookie: unknown): boolean {
  return isRecord(cookie) && typeof cookie['clear'] === 'function'
}

function defaultScope(auth: Auth): LogoutScope {
  return auth.sessionId === undefined ? 'token' : 'session'
}

/** Ending less than was asked for would be a logout that lies, so what a token lacks is an error. */
function revocationOf(auth: Auth, scope: LogoutScope): Revocation {
  const { tokenId, expiresAt, subject, issuedAt } = auth
  const issuer = { issuer: auth.issuer, revocationIssuer: auth.revocationIssuer }
  switch (scope) {
    case 'token':
      return (store) => store.revokeToken({ ...issuer, tokenId, expiresAt, subject, issuedAt })
    case 'session': {
      const sessionId = needed(auth.sessionId, scope, 'sid')
      // Beyond the share of its user, a token that is revoked must not end what was issued after it.
      return (store, revoked) =>
        store.revokeSession(
          { ...issuer, sessionId, subject },
          revoked ? { issuedBefore: issuedAt ?? 0 } : {},
        )
    }
    case 'others': {
      const user = { ...issuer, subject: needed(subject, scope, 'sub') }
      const exceptSessions = [needed(auth.sessionId, scope, 'sid')]
      return (store) => store.revokeSubject(user, { exceptSessions })
    }
    case 'everywhere': {
      const user = { ...issuer, subject: needed(subject, scope, 'sub') }
      return (store) => store.revokeSubject(user)
    }
    default:
      throw new TypeError(
        `logout: "scope" must return one of ${SCOPES.join(', ')}, got ${String(scope satisfies never)}`,
      )
  }
}

function needed(value: string | undefined, scope: LogoutScope, claim: string): string {
  if (value !== undefined) return value
  throw new Error(
    `logout: scope '${scope}' needs tokens with "${claim}", and this one has none. Let the issuer add it, or choose another scope`,
  )
}

function noContent(_auth: Auth, _req: IncomingMessage, res: ServerResponse): void {
  res.statusCode = 204
  res.end()
}
