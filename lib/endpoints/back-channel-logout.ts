import type { IncomingMessage, ServerResponse } from 'node:http'
import { systemClock, systemTimer, type Clock } from '../core/clock.js'
import { AuthError } from '../core/verdicts/errors.js'
import { createEvents, digest, refusalEvent, type AuthEvent } from '../core/events/events.js'
import { attempt } from '../core/verdicts/outcome.js'
import { namesSessions } from '../core/auth/seen-sessions.js'
import { warn } from '../core/events/warnings.js'
import { optionCheck } from '../core/options/option-check.js'
import { messageOf } from '../core/values.js'
import { readFormParameter } from '../http/request/form-body.js'
import { answerBy, type Middleware } from '../http/guard/middleware.js'
import { NodeHead } from '../http/request/node-head.js'
import { RequestSender } from '../http/request/request-sender.js'
import type { KeySourceStatus } from '../keys/key-source.js'
import { requireStore } from '../revocation/asking/store-option.js'
import type { RevocationReceipt, RevocationStore } from '../revocation/store.js'
import type { LogoutToken } from '../tokens/events/logout-token.js'
import type { OneKeySource } from '../tokens/issuers/policy/one-key-source.js'
import {
  createLogoutVerifier,
  LOGOUT_TOKEN_OPTION_NAMES,
  type LogoutTokenFields,
} from '../tokens/events/logout-verifier.js'

/** Those of one issuer and of one source of its keys. */
export type BackChannelLogoutOptions = BackChannelLogoutFields & OneKeySource

export interface BackChannelLogoutFields extends LogoutTokenFields {
  /**
   * What a logout token with both `sid` and `sub` ends. `'session'`: that session, which needs access
   * tokens that carry `sid`. `'subject'`: all that was issued to the user up to the token's `iat`.
   *
   * The latter is for issuers whose access tokens carry no `sid`: by session nothing would end.
   * @default 'session'
   */
  readonly endBy?: 'session' | 'subject' | undefined
  /** Wall time in seconds, for tests. @default the system's */
  readonly clock?: Clock | undefined
  /** Told of every logout, stored or refused. Never awaited; its errors never reach the request. */
  readonly onEvent?: ((event: AuthEvent) => void) | undefined
  /** Whether faults are told on stderr where nobody listens, as with `requireBearer`. @default true, but false in a test run */
  readonly advice?: boolean | undefined
}

/** An endpoint that also tells how its keys are doing. */
export interface BackChannelLogoutEndpoint extends Middleware {
  /** Resolves once the issuer's keys are there; rejects when they cannot be had. */
  ready(): Promise<void>
  /** The state of the issuer's keys, for health checks. */
  status(): KeySourceStatus
  /**
   * Stops refreshing keys. Needed only where an endpoint is thrown away: a logout that still comes is
   * answered `temporarily_unavailable` where its keys were fetched.
   */
  close(): void
}

type EndBy = NonNullable<BackChannelLogoutOptions['endBy']>

const ENDPOINT = 'backChannelLogout'

/** A logout token of 1 kB is a long one; encrypted, it may be three. */
const BODY_LIMITS = { maxBytes: 65_536, timeoutMs: 5000 }

const DESCRIPTIONS: Partial<Record<AuthError['code'], string>> = {
  invalid_request: 'The request must be a form with exactly one logout_token',
  invalid_token: 'The logout token is malformed, expired, forged or not meant for this client',
  temporarily_unavailable: 'The logout could not be carried out right now; try again',
}

/**
 * Lets an issuer end sessions here: it posts a logout token when a user logs out there, is blocked or
 * logs out elsewhere (OpenID Connect Back-Channel Logout 1.0). Mount it at the URL registered as
 * `backchannel_logout_uri`, without `requireBearer`: the token in the body is the credential. Body
 * parsers may run before it or not. It needs no cookie, so `csrfGuard` lets it pass; where that asks
 * for a token or header, name its path in `exempt`.
 *
 * With a `sid` that session ends, and no other of the user; without, everything issued to the user up
 * to the token's `iat`. The session ends only for access tokens that carry `sid`: let the issuer add
 * it, or set `endBy: 'subject'`. Sent again, a logout token changes nothing. Give it the `issuer` that `requireBearer` has, with all
 * spellings: revocations are kept under the first.
 *
 * | outcome                                             | status | `error`                   |
 * | --------------------------------------------------- | ------ | ------------------------- |
 * | stored                                              | 200    |                           |
 * | no form with one `logout_token`, or not a good one  | 400    | `invalid_request`         |
 * | keys cannot be had, or the logout cannot be stored  | 400    | `temporarily_unavailable` |
 * | another method than POST                            | 405    | `invalid_request`         |
 *
 * 400 for an outage too, because the standard (§2.8) knows nothing else. Issuers seldom try again: watch
 * for `request.refused` events of the family `dependency`.
 *
 * @example
 * app.post('/back-channel-logout', backChannelLogout(revocations, { issuer, clientId: 'notes-app' }))
 *
 * @throws TypeError at construction, for a store that is none or an unknown, missing or contradictory option.
 */
export function backChannelLogout(
  store: RevocationStore,
  options: BackChannelLogoutOptions,
): BackChannelLogoutEndpoint {
  const check = optionCheck(ENDPOINT)
  requireStore(check, store)
  check.known(options, [...LOGOUT_TOKEN_OPTION_NAMES, 'endBy', 'clock', 'onEvent', 'advice'])
  check.optionalFunction('clock', options.clock)
  check.optionalFunction('onEvent', options.onEvent)
  const endBy = check.oneOf('endBy', options.endBy, ['session', 'subject'], 'session')
  const events = createEvents(options.onEvent, check.optionalBoolean('advice', options.advice))
  const verifier = createLogoutVerifier(options, options.clock ?? systemClock, {
    check,
    timer: systemTimer,
    emit: (event) => events.emit(event),
  })

  async function judged(req: IncomingMessage): Promise<LogoutToken | AuthError> {
    const token = await readFormParameter(req, 'logout_token', BODY_LIMITS, systemTimer)
    if (token instanceof AuthError) return token
    const logout = await verifier.verify(
      token,
      new RequestSender(new NodeHead(req), systemTimer.now()),
    )
    if (logout instanceof AuthError) return logout
    const ended = await end(store, logout, endBy)
    return ended instanceof AuthError ? ended : logout
  }

  function refuse(req: IncomingMessage, res: ServerResponse, error: AuthError): void {
    events.emit(Object.assign(refusalEvent(ENDPOINT, error, { told: req }), { status: 400 }))
    if (error.retryAfterSeconds > 0 && !res.headersSent) {
      res.setHeader('Retry-After', error.retryAfterSeconds)
    }
    answer(req, res, 400, errorBody(error.code))
  }

  async function receive(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const logout = await judged(req)
    if (logout instanceof AuthError) {
      refuse(req, res, logout)
      return
    }
    events.emit(logoutEvent(logout, endBy))
    warnOfNothing(logout)
    answer(req, res, 200, {})
  }

  let warned = false

  /** The logout is stored and reported, and all tokens go on: nobody would find out. */
  function warnOfNothing(logout: LogoutToken): void {
    const endsNothing = !endsUser(logout, endBy) && namesSessions(logout.revocationIssuer) === false
    if (!endsNothing || warned) return
    warned = true
    warn(
      'ERS_LOGOUT_ENDS_NOTHING',
      `${ENDPOINT}: a logout token names a session (sid), and no access token of its issuer did so far, so that it ended nothing. Let the issuer put "sid" into access tokens, name the claim in "claims.sessionId", or set endBy: 'subject'`,
    )
  }

  const endpoint: Middleware = function backChannelLogoutMiddleware(req, res, next) {
    if (req.method !== 'POST') {
      res.setHeader('Allow', 'POST')
      answer(req, res, 405, errorBody('invalid_request'))
      return
    }
    answerBy(next, () => receive(req, res))
  }
  const { keys } = verifier
  return Object.assign(endpoint, {
    ready: () => keys.ready(),
    status: () => keys.status(),
    close: () => keys.close(),
  })
}

/** Whatever a store throws, the sessions may go on: never reported as ended. */
function end(
  store: RevocationStore,
  logout: LogoutToken,
  endBy: EndBy,
): Promise<RevocationReceipt | AuthError> {
  const asking = async (): Promise<RevocationReceipt> => revoke(store, logout, endBy)
  return attempt(
    asking,
    (cause) =>
      new AuthError('temporarily_unavailable', {
        reason: 'revocation_not_stored',
        detail: messageOf(cause),
        cause,
      }),
  )
}

/**
 * A session of its own ends for good, also for tokens that are refreshed in it later. A user may log in
 * again: only what was issued before is ended.
 */
async function revoke(
  store: RevocationStore,
  logout: LogoutToken,
  endBy: EndBy,
): Promise<RevocationReceipt> {
  const { issuer, revocationIssuer, sessionId, subject, issuedAt } = logout
  const until = { issuedBefore: issuedAt }
  const everywhere = (): Promise<RevocationReceipt> =>
    store.revokeSubject({ issuer, revocationIssuer, subject: subject ?? '' }, until)
  if (sessionId === undefined) return everywhere()
  const ended = await store.revokeSession({ issuer, revocationIssuer, sessionId, subject }, until)
  return endsUser(logout, endBy) ? everywhere() : ended
}

function endsUser({ sessionId, subject }: LogoutToken, endBy: EndBy): boolean {
  return sessionId === undefined || (endBy === 'subject' && subject !== undefined)
}

function logoutEvent(logout: LogoutToken, endBy: EndBy): AuthEvent {
  const { issuer, sessionId, subject } = logout
  return {
    name: 'logout.received',
    issuer,
    scope: endsUser(logout, endBy) ? 'everywhere' : 'session',
    subjectDigest: subject === undefined ? undefined : digest(subject),
    sessionIdDigest: sessionId === undefined ? undefined : digest(sessionId),
  }
}

/** `invalid_request` is the only code that the standard names for a bad logout token (§2.8). */
function errorBody(code: AuthError['code']): object {
  const error = code === 'temporarily_unavailable' ? code : 'invalid_request'
  return { error, error_description: DESCRIPTIONS[code] ?? DESCRIPTIONS.invalid_request }
}

function answer(req: IncomingMessage, res: ServerResponse, status: number, content: object): void {
  if (res.headersSent) return
  // A body that was given up on is still on its way: nothing else can come over this connection.
  if (req.readableDidRead && !req.complete) res.setHeader('Connection', 'close')
  const body = JSON.stringify(content)
  res.statusCode = status
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('Content-Type', 'application/json')
  res.setHeader('Content-Length', Buffer.byteLength(body))
  res.end(req.method === 'HEAD' ? undefined : body)
}
