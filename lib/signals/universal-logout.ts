import type { IncomingMessage, ServerResponse } from 'node:http'
import { systemClock, systemTimer, type Clock } from '../core/clock.js'
import { exceedsDepth } from '../core/json-depth.js'
import { optionCheck, pickDefined } from '../core/options/option-check.js'
import { isRecord } from '../core/values.js'
import { AuthError } from '../core/verdicts/errors.js'
import { createEvents, printable, refusalEvent, type AuthEvent } from '../core/events/events.js'
import { attempt } from '../core/verdicts/outcome.js'
import { answerBy, type Middleware } from '../http/guard/middleware.js'
import { refuse } from '../http/answer/refuse.js'
import type { KeySourceStatus } from '../keys/key-source.js'
import { memoryReplayStore } from '../replay/memory-store.js'
import type { ReplayStore } from '../replay/store.js'
import { storeOutage } from '../revocation/asking/outage.js'
import { requireStore } from '../revocation/asking/store-option.js'
import type { RevocationStore } from '../revocation/store.js'
import { judgeCallerClaims, type CallerToken } from '../tokens/events/caller-token.js'
import { compileEventIssuer, createEventVerifier } from '../tokens/events/event-verifier.js'
import { answer, isPost } from './delivery/answer.js'
import { useUp, verifyCaller } from './delivery/caller.js'
import { requireReplay } from './delivery/claim.js'
import { malformedSignal, readPosted, textOf } from './delivery/read-body.js'
import { createSubjectResolver, type SubjectOptions } from './subject/resolve.js'
import {
  digestsOf,
  requireFamilies,
  revokeTargets,
  type SubjectFamilies,
} from './subject/revoke.js'
import { SENDER_OPTION_NAMES, type SenderOptions } from './sender-options.js'
import { readSubject, type Subject } from './subject/subject.js'
import type { Target } from './subject/target.js'

export interface UniversalLogoutOptions extends SenderOptions, SubjectOptions {
  /** Clients that may send, by the `sub` of their token. @default any that the issuer signs for */
  readonly clientId?: string | readonly string[] | undefined
  /**
   * Remembers which tokens were used: each is good once. Behind several processes give
   * `redisReplayStore()`. @default `memoryReplayStore()`
   */
  readonly replay?: ReplayStore | undefined
  /**
   * Refresh-token families of the user that end as well, where the user is of their issuer: name that
   * in `subjectIssuers`, or return it from `resolveSubject`. @default none
   */
  readonly families?: SubjectFamilies | undefined
  /** Wall time in seconds, for tests. @default the system's */
  readonly clock?: Clock | undefined
  /** Told of every request, carried out or refused. Never awaited; an error of it never reaches the request. */
  readonly onEvent?: ((event: AuthEvent) => void) | undefined
  /** Whether faults are told on stderr where nobody listens, as with `requireBearer`. @default true, but false in a test run */
  readonly advice?: boolean | undefined
}

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

const OWN_NAMES: readonly (keyof UniversalLogoutOptions)[] = [
  'clientId',
  'subjectIssuers',
  'resolveSubject',
  'replay',
  'families',
  'clock',
  'onEvent',
  'advice',
]

/** Okta's are good for five minutes. */
const MAX_AGE_SECONDS = 600

/** What identifies no user. */
const NO_USERS: readonly Subject['format'][] = ['jwt_id', 'saml_assertion_id', 'complex']

/** What of a subject may be a user. Undefined for nothing. */
function userOf(subject: Subject): Subject | undefined {
  if (subject.format !== 'aliases') return NO_USERS.includes(subject.format) ? undefined : subject
  const identifiers = subject.identifiers.filter(({ format }) => !NO_USERS.includes(format))
  // Formats that nobody knows are left out before: those may have been of users.
  const isNoUser = identifiers.length === 0 && subject.identifiers.length > 0
  return isNoUser ? undefined : { ...subject, identifiers }
}

/**
 * Signs a user out of everything on the word of an identity provider (Global Token Revocation,
 * draft-parecki-oauth-global-token-revocation; Okta calls it Universal Logout): all that was issued to
 * the user so far. Mount it at the URL that the provider was given, without `requireBearer`: each request
 * brings a token of its own, signed by the provider for this URL, and good once.
 *
 * | outcome                                                     | status              |
 * | ----------------------------------------------------------- | ------------------- |
 * | stored                                                      | 204                 |
 * | no JSON with one `sub_id`, or of a format that nobody knows | 400                 |
 * | no token; forged, expired, for another endpoint, used       | 401                 |
 * | a user of an issuer for which the sender does not speak     | 403                 |
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
): UniversalLogout {
  const check = optionCheck(FACTORY)
  requireStore(check, store)
  check.known(options, [...SENDER_OPTION_NAMES, ...OWN_NAMES])
  check.optionalFunction('clock', options.clock)
  check.optionalFunction('onEvent', options.onEvent)
  const { families, replay = memoryReplayStore(), clock = systemClock } = options
  requireReplay(check, replay)
  const audiences = check.strings('audience', options.audience)
  const clientIds =
    options.clientId === undefined ? undefined : check.strings('clientId', options.clientId)
  const events = createEvents(options.onEvent, check.optionalBoolean('advice', options.advice))
  const { issuer, audience } = options
  const own = pickDefined(options, SENDER_OPTION_NAMES)
  const policy = compileEventIssuer(
    { ...own, issuer, audience },
    { check, timer: systemTimer, emit: (event) => events.emit(event) },
  )
  const rules = { ...policy, audiences, clientIds, maxAgeSeconds: MAX_AGE_SECONDS }
  const verifier = createEventVerifier<CallerToken>(policy, clock, {
    noun: 'token',
    profile: 'global_token_revocation',
    judge: (claims, now) => judgeCallerClaims(claims, rules, now),
  })
  const resolve = createSubjectResolver(check, options, policy.revocationIssuers, systemTimer)
  requireFamilies(check, options, policy.revocationIssuers)

  async function revoke(req: IncomingMessage): Promise<readonly Target[] | AuthError> {
    const caller = await verifyCaller(req, verifier)
    if (caller instanceof AuthError) return caller
    const subject = await attempt(() => requestedSubject(req))
    if (subject instanceof AuthError) return subject
    // Otherwise the token would be used up, and the request could not be sent again.
    const { ready, detail } = store.status()
    if (!ready) return storeOutage('revocation_not_stored', new Error(detail ?? 'Not ready'))
    const used = await useUp(replay, caller, clock())
    if (used !== undefined) return used
    const targets = await resolve(subject, false)
    if (targets instanceof AuthError) return targets
    if (targets.length === 0) return unknownSubject()
    const refusal = await revokeTargets({ store, families }, targets, undefined)
    return refusal ?? targets
  }

  function respond(
    req: IncomingMessage,
    res: ServerResponse,
    outcome: readonly Target[] | AuthError,
  ): void {
    if (!(outcome instanceof AuthError)) {
      const told = { issuer: printable(policy.issuers[0] ?? ''), signal: FACTORY_SIGNAL }
      events.emit({ name: 'signal.received', ...told, outcome: 'revoked', ...digestsOf(outcome) })
      answer(req, res, 204)
      return
    }
    const status = STATUSES[outcome.reason] ?? outcome.status
    events.emit(Object.assign(refusalEvent(FACTORY, outcome, { told: req }), { status }))
    if (status !== outcome.status) answer(req, res, status)
    else refuse(req, res, outcome, { realm: 'universal-logout', errorFormat: 'oauth' })
  }

  const endpoint: Middleware = function universalLogoutMiddleware(req, res, next) {
    if (!isPost(req, res)) return
    answerBy(next, async () => respond(req, res, await revoke(req)))
  }
  const { keys } = verifier
  return Object.assign(endpoint, {
    ready: () => keys.ready(),
    status: () => keys.status(),
    close: () => keys.close(),
  })
}

const FACTORY_SIGNAL = 'universal-logout'

/** Where the draft has a status of its own (§3.4). */
const STATUSES: Partial<Record<AuthError['reason'], number>> = {
  malformed_subject: 400,
  unknown_subject: 404,
  unsupported_subject: 422,
}

/** @throws AuthError */
async function requestedSubject(req: IncomingMessage): Promise<Subject | AuthError> {
  const body = await readPosted(req, (type) => type === 'application/json')
  const asked = isRecord(body) && !(body instanceof Uint8Array) ? body : parse(textOf(body))
  if (!isRecord(asked) || !Object.hasOwn(asked, 'sub_id')) {
    return malformedSignal('The body is no JSON object with "sub_id"')
  }
  const subject = readSubject(asked['sub_id'])
  if (subject === undefined) return malformedSignal('The format of "sub_id" is not known')
  if (subject instanceof AuthError) return subject
  const user = userOf(subject)
  if (user !== undefined) return user
  return new AuthError('invalid_request', {
    reason: 'unsupported_subject',
    detail: `A subject of the format ${subject.format} is no user`,
  })
}

const MAX_DEPTH = 16

function parse(text: string | undefined): unknown {
  if (text === undefined || exceedsDepth(text, MAX_DEPTH)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function unknownSubject(): AuthError {
  return new AuthError('invalid_request', {
    reason: 'unknown_subject',
    detail: 'Nobody is known by the identifier',
  })
}
