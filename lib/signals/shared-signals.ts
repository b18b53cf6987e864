import type { IncomingMessage, ServerResponse } from 'node:http'
import { systemClock, systemTimer, type Clock } from '../core/clock.js'
import { optionCheck } from '../core/options/option-check.js'
import { AuthError } from '../core/verdicts/errors.js'
import { createEvents, refusalEvent, type AuthEvent, type Events } from '../core/events/events.js'
import { answerBy, type Middleware } from '../http/guard/middleware.js'
import { NodeHead } from '../http/request/node-head.js'
import { RequestSender } from '../http/request/request-sender.js'
import type { KeySourceStatus } from '../keys/key-source.js'
import { requireStore } from '../revocation/asking/store-option.js'
import type { ReplayStore } from '../replay/store.js'
import type { RevocationStore } from '../revocation/store.js'
import { compileEventIssuer, createEventVerifier } from '../tokens/events/event-verifier.js'
import { judgeSecurityEvent } from '../tokens/events/security-event.js'
import { answer, answerOtherMethods } from './delivery/answer.js'
import { compileAuthorization } from './delivery/authorization.js'
import { startPolling, type Polling, type PollOptions } from './poll.js'
import { requireReplay } from './delivery/claim.js'
import { malformedSignal, readPosted, textOf } from './delivery/read-body.js'
import { createReceiver, type DecideSignal, type Receive, type Signal } from './receiver.js'
import { createSubjectResolver, type SubjectOptions } from './subject/resolve.js'
import { requireFamilies, type SubjectFamilies } from './subject/revoke.js'
import { SENDER_OPTION_NAMES, withMetadata, type SenderOptions } from './sender-options.js'
import { setError } from './delivery/set-error.js'
import { createStreamVerifications, type AwaitedVerification } from './stream-state.js'

/** Those of one transmitter and of one source of its keys. */
export type SharedSignalsOptions = SharedSignalsFields & SenderOptions

export interface SharedSignalsFields extends SubjectOptions {
  /**
   * The `Authorization` header that the transmitter sends with each push, as its stream was given it; a
   * list while it is replaced. Polling does not need it. @default none is asked for: the signature counts
   */
  readonly authorization?: string | readonly string[] | undefined
  /**
   * Overrules what becomes of an event: `'revoke'` for one that only informs, such as
   * `risk-level-change`, or `'ignore'`. It is awaited for 5 seconds; an error of it is an outage.
   * @default the table of docs/signals.md
   */
  readonly decide?: DecideSignal | undefined
  /**
   * Refresh-token families of the user that end as well, with all that they were given since: logins up
   * to the time of the event, where the user is of their issuer. Name that in `subjectIssuers`, or
   * return it from `resolveSubject`. @default none
   */
  readonly families?: SubjectFamilies | undefined
  /**
   * Remembers for a day which events were taken in, for all processes: `redisReplayStore()`. While it
   * cannot tell, events are revoked by and come again. @default the latest 10,000, each process for itself
   */
  readonly replay?: ReplayStore | undefined
  /** Told of each good event once, after its revocation is stored. Never awaited. */
  readonly onSignal?: ((signal: Signal) => unknown) | undefined
  /**
   * Members of complex subjects without which an event must not be acted on, as the transmitter's metadata
   * lists them (`critical_subject_members`). @default none
   */
  readonly criticalSubjectMembers?: readonly string[] | undefined
  /** Takes tokens of the drafts as well: without `typ`, or with `sub` and `exp`, as Google sends. @default false */
  readonly legacy?: boolean | undefined
  /** Wall time in seconds, for tests. @default the system's */
  readonly clock?: Clock | undefined
  /** Told of every event, taken or refused. Never awaited; an error of it never reaches the request. */
  readonly onEvent?: ((event: AuthEvent) => void) | undefined
  /** Whether faults are told on stderr where nobody listens, as with `requireBearer`. @default true, but false in a test run */
  readonly advice?: boolean | undefined
}

/** Where a transmitter pushes to, and the way to fetch from one that is polled. */
export interface SharedSignals extends Middleware {
  /** Fetches events until it is stopped (RFC 8936). */
  poll(options: PollOptions): Polling
  /**
   * A state for the transmitter's verification endpoint, and the promise of its event.
   *
   * @param withinMs @default 60,000
   */
  expectVerification(withinMs?: number): AwaitedVerification
  /** Resolves once the transmitter's keys are there; rejects when they cannot be had. */
  ready(): Promise<void>
  /** The state of the transmitter's keys, for health checks. */
  status(): KeySourceStatus
  /** Stops refreshing keys. Stop what polls first. */
  close(): void
}

const FACTORY = 'sharedSignals'

const OWN_NAMES: readonly (keyof SharedSignalsFields)[] = [
  'authorization',
  'subjectIssuers',
  'resolveSubject',
  'decide',
  'families',
  'replay',
  'onSignal',
  'criticalSubjectMembers',
  'legacy',
  'clock',
  'onEvent',
  'advice',
]

/**
 * Receives security events (OpenID Shared Signals Framework 1.0 with CAEP 1.0 and RISC 1.0; RFC 8417) and
 * revokes what they are about: sessions, users, single tokens. Mount it at the URL that the stream has
 * as its delivery endpoint, without `requireBearer`, or call `poll()`. It needs no cookie, so `csrfGuard`
 * lets it pass. An event is acknowledged once its revocation is stored, and never before.
 *
 * Sent again, an event is answered as before, and changes nothing: it revokes only what was issued
 * before it happened.
 *
 * | outcome                                                       | status | `err`                       |
 * | ------------------------------------------------------------- | ------ | --------------------------- |
 * | stored, or nothing to revoke                                  | 202    |                             |
 * | forged, malformed, for another receiver, of another's subject | 400    | as RFC 8935 §2.4 calls it   |
 * | keys cannot be had, the store or a function of yours fails    | 503    | with `Retry-After`          |
 * | another method than POST                                      | 405    |                             |
 *
 * @example
 * app.post('/signals', sharedSignals(revocations, { issuer, audience: 'https://api.example.com/signals', authorization }))
 *
 * @throws TypeError at construction, for a store that is none or an unknown, missing or contradictory option.
 */
export function sharedSignals(
  store: RevocationStore,
  options: SharedSignalsOptions,
): SharedSignals {
  const check = optionCheck(FACTORY)
  requireStore(check, store)
  check.known(options, [...SENDER_OPTION_NAMES, ...OWN_NAMES])
  for (const name of ['decide', 'onSignal', 'clock', 'onEvent'] as const) {
    check.optionalFunction(name, options[name])
  }
  const audiences = check.strings('audience', options.audience)
  const legacy = check.boolean('legacy', options.legacy, false)
  const isAuthorized = compileAuthorization(check, options.authorization)
  const events = createEvents(options.onEvent, check.optionalBoolean('advice', options.advice))
  const policy = compileEventIssuer(withMetadata(options), {
    check,
    timer: systemTimer,
    emit: (event) => events.emit(event),
  })
  const { keys, clockToleranceSeconds, revocationIssuers } = policy
  const rules = { audiences, clockToleranceSeconds, legacy }
  requireFamilies(check, options, revocationIssuers)
  requireReplay(check, options.replay)
  const verifications = createStreamVerifications(systemTimer)
  const receiver = createReceiver({
    verifier: createEventVerifier(policy, options.clock ?? systemClock, {
      noun: 'security event',
      profile: legacy ? 'untyped_event' : 'security_event',
      judge: (claims, now) => judgeSecurityEvent(claims, rules, now),
    }),
    store,
    families: options.families,
    replay: options.replay,
    resolve: createSubjectResolver(check, options, revocationIssuers, systemTimer),
    verifications,
    events,
    timer: systemTimer,
    criticalSubjectMembers: criticalMembers(options),
    decide: options.decide,
    onSignal: options.onSignal,
  })

  function criticalMembers({
    criticalSubjectMembers: names = [],
  }: SharedSignalsOptions): readonly string[] {
    return names.length === 0 ? [] : check.strings('criticalSubjectMembers', names)
  }

  const endpoint: Middleware = function sharedSignalsMiddleware(req, res, next) {
    if (answerOtherMethods(req, res)) return
    answerBy(next, async () => {
      const refusal = isAuthorized(req.headers.authorization)
        ? await push(req, receiver.receive)
        : unauthenticated()
      respond(req, res, refusal, events)
    })
  }
  return Object.assign(endpoint, {
    poll: (poll: PollOptions) =>
      startPolling(poll, { issuer: policy.issuers[0] ?? '', receiver, events, timer: systemTimer }),
    expectVerification: (withinMs = 60_000) => verifications.expect(withinMs),
    ready: () => keys.ready(),
    status: () => keys.status(),
    close: () => keys.close(),
  })
}

async function push(req: IncomingMessage, receive: Receive): Promise<AuthError | undefined> {
  const body = await readPosted(req, (type) => type === 'application/secevent+jwt')
  if (body instanceof AuthError) return body
  const token = textOf(body)?.trim()
  if (token === undefined) {
    return malformedSignal('The body was read before, and req.body is no text')
  }
  return receive(token, new RequestSender(new NodeHead(req), systemTimer.now()))
}

function respond(
  req: IncomingMessage,
  res: ServerResponse,
  refusal: AuthError | undefined,
  events: Events,
): void {
  if (refusal === undefined) {
    answer(req, res, 202)
    return
  }
  const status = refusal.family === 'dependency' ? 503 : 400
  events.emit(Object.assign(refusalEvent(FACTORY, refusal, { told: req }), { status }))
  if (status === 400) {
    answer(req, res, status, setError(refusal))
    return
  }
  res.setHeader('Retry-After', refusal.retryAfterSeconds)
  answer(req, res, status)
}

function unauthenticated(): AuthError {
  return new AuthError('invalid_token', {
    reason: 'sender_unauthenticated',
    detail: 'The Authorization header is not the one of the option "authorization"',
  })
}
