import type { IncomingMessage, ServerResponse } from 'node:http'
import { optionCheck } from '../core/options/option-check.js'
import { AuthError } from '../core/verdicts/errors.js'
import {
  createEvents,
  printable,
  refusalEvent,
  type AuthEvent,
  type Events,
} from '../core/events/events.js'
import { answerBy, type Middleware } from '../http/guard/middleware.js'
import { refuse } from '../http/answer/refuse.js'
import type { KeySourceStatus } from '../keys/key-source.js'
import { storeOutage } from '../revocation/asking/outage.js'
import { requireStore } from '../revocation/asking/store-option.js'
import type { RevocationStore } from '../revocation/store.js'
import { answer, answerOtherMethods } from './delivery/answer.js'
import {
  scopedCallers,
  signedCallers,
  type LogoutCaller,
  type LogoutCallers,
} from './logout-callers.js'
import {
  checkLogoutOptions,
  isScoped,
  type ScopedLogoutOptions,
  type UniversalLogoutOptions,
} from './logout-options.js'
import { requestedSubject } from './logout-request.js'
import { digestsOf, revokeTargets, type SubjectFamilies } from './subject/revoke.js'

/** An endpoint that also tells how its keys are doing. */
export interface UniversalLogout extends Middleware {
  /** Resolves once the sender's keys are there; rejects when they cannot be had. */
  ready(): Promise<void>
  /** The state of the sender's keys, for health checks. */
  status(): KeySourceStatus
  /** Stops refreshing keys. */
  close(): void
}

const FACTORY = 'universalLogout'

/**
 * Signs a user out of everything on the word of an identity provider (Global Token Revocation,
 * draft-parecki-oauth-global-token-revocation; Okta calls it Universal Logout): all that was issued to
 * the user so far. Mount it at the URL that the provider was given, without `requireBearer`: each request
 * brings a token of its own, signed by the provider for this URL, and good once. Callers who have access
 * tokens instead come through `requireBearer`, and need a `scope`.
 *
 * | outcome                                                     | status              |
 * | ----------------------------------------------------------- | ------------------- |
 * | stored                                                      | 204                 |
 * | no JSON with one `sub_id`, or of a format that nobody knows | 400                 |
 * | no token; forged, expired, for another endpoint, used       | 401                 |
 * | a user of an issuer for which the sender does not speak     | 403                 |
 * | `scope`: the access token has another                       | 403                 |
 * | nobody is known by that identifier                          | 404                 |
 * | the identifier names no user                                | 422                 |
 * | keys, store or a function of yours fail                     | 503, `Retry-After`  |
 *
 * @example
 * app.post('/universal-logout', universalLogout(revocations, { issuer, audience: 'https://api.example.com/universal-logout' }))
 *
 * @throws TypeError at construction, for a store that is none or an unknown, missing or contradictory option.
 */
export function universalLogout(
  store: RevocationStore,
  options: UniversalLogoutOptions,
): UniversalLogout
/**
 * The same for callers who have an access token of `requireBearer` with a scope, and no token of their own.
 *
 * @example
 * app.post('/sign-out', requireBearer(options), jtiBlocklist(revocations), universalLogout(revocations, { scope: 'users:sign-out' }))
 */
export function universalLogout(store: RevocationStore, options: ScopedLogoutOptions): Middleware
export function universalLogout(
  store: RevocationStore,
  options: UniversalLogoutOptions | ScopedLogoutOptions,
): Middleware {
  const check = optionCheck(FACTORY)
  requireStore(check, store)
  checkLogoutOptions(check, options)
  const events = createEvents(options.onEvent, check.optionalBoolean('advice', options.advice))
  const act: Act = { store, families: options.families, events }
  if (isScoped(options)) {
    const callers = scopedCallers(check, FACTORY, options)
    return function universalLogoutMiddleware(req, res, next) {
      if (answerOtherMethods(req, res)) return
      const admitted = (error?: unknown): void =>
        error === undefined ? carryOut(act, callers, { req, res, next }) : next(error)
      callers.guard(req, res, admitted)
    }
  }
  const callers = signedCallers(check, options, (event) => events.emit(event))
  const endpoint: Middleware = function universalLogoutMiddleware(req, res, next) {
    if (!answerOtherMethods(req, res)) carryOut(act, callers, { req, res, next })
  }
  const { keys } = callers
  return Object.assign(endpoint, {
    ready: () => keys.ready(),
    status: () => keys.status(),
    close: () => keys.close(),
  })
}

interface Act {
  readonly store: RevocationStore
  readonly families: SubjectFamilies | undefined
  readonly events: Events
}

interface Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly next: (error?: unknown) => void
}

function carryOut(act: Act, callers: LogoutCallers, { req, res, next }: Exchange): void {
  answerBy(next, async () => {
    const caller = await callers.identify(req)
    const outcome = caller instanceof AuthError ? caller : await revoke(act, caller, req)
    if (outcome instanceof AuthError) refused(act, outcome, req, res)
    else {
      act.events.emit(outcome)
      answer(req, res, 204)
    }
  })
}

async function revoke(
  { store, families }: Act,
  { issuer, resolve, useUp }: LogoutCaller,
  req: IncomingMessage,
): Promise<AuthEvent | AuthError> {
  const subject = await requestedSubject(req)
  if (subject instanceof AuthError) return subject
  // Otherwise the token would be used up, and the request could not be sent again.
  const { ready, detail } = store.status()
  if (!ready) return storeOutage('revocation_not_stored', new Error(detail ?? 'Not ready'))
  const used = await useUp()
  if (used !== undefined) return used
  const targets = await resolve(subject, false)
  if (targets instanceof AuthError) return targets
  if (targets.length === 0) return unknownSubject()
  const refusal = await revokeTargets({ store, families }, targets, undefined)
  if (refusal !== undefined) return refusal
  const told = { issuer: printable(issuer), signal: 'universal-logout' }
  return { name: 'signal.received', ...told, outcome: 'revoked', ...digestsOf(targets) }
}

function refused(
  { events }: Act,
  error: AuthError,
  req: IncomingMessage,
  res: ServerResponse,
): void {
  const status = STATUSES[error.reason] ?? error.status
  events.emit(Object.assign(refusalEvent(FACTORY, error, { told: req }), { status }))
  if (status !== error.status) answer(req, res, status)
  else refuse(req, res, error, { realm: 'universal-logout', errorFormat: 'oauth' })
}

/** Where the draft has a status of its own (§3.4). */
const STATUSES: Partial<Record<AuthError['reason'], number>> = {
  malformed_subject: 400,
  unknown_subject: 404,
  unsupported_subject: 422,
}

function unknownSubject(): AuthError {
  return new AuthError('invalid_request', {
    reason: 'unknown_subject',
    detail: 'Nobody is known by the identifier',
  })
}
