import { callApp } from '../core/app-function.js'
import type { Sender } from '../core/queue/sender.js'
import type { Timer } from '../core/clock.js'
import { withDeadline } from '../core/deadline.js'
import { AuthError } from '../core/verdicts/errors.js'
import { printable, type AuthEvent, type Events } from '../core/events/events.js'
import { listenerWarning } from '../core/events/listener-warning.js'
import { sha256 } from '../core/sha256.js'
import { claimed } from '../replay/claimed.js'
import type { ProofClaim, ReplayStore } from '../replay/store.js'
import type { RevocationStore } from '../revocation/store.js'
import type { EventVerifier } from '../tokens/events/event-verifier.js'
import type { SecurityEvent } from '../tokens/events/security-event.js'
import { judgeType, type JudgedType, type SignalAction } from './event-types.js'
import { APP_DEADLINE_MS, askApp, type SubjectResolver } from './subject/resolve.js'
import { digestsOf, revokeTargets, type SubjectFamilies } from './subject/revoke.js'
import { createSeen } from './seen.js'
import type { StreamVerifications } from './stream-state.js'
import { readSubject, type Subject } from './subject/subject.js'
import { undecided } from './subject/target.js'

/** A security event that was verified. */
export interface Signal {
  /** The last part of `type`, such as `session-revoked`; `other` for one that we do not know. */
  readonly name: string
  /** Its full name, a URI. */
  readonly type: string
  /** The transmitter. */
  readonly issuer: string
  /** `jti` of the token that told of it. */
  readonly tokenId: string
  /** Seconds. Tokens that were issued later stay. */
  readonly happenedAt: number
  /** Undefined for a format that we do not know. */
  readonly subject: Subject | undefined
  /** Members of the event itself. */
  readonly payload: Readonly<Record<string, unknown>>
  /** What becomes of it by default. */
  readonly action: SignalAction
}

export type DecideSignal = (
  signal: Signal,
) => SignalAction | undefined | Promise<SignalAction | undefined>

export interface ReceiverParts {
  readonly verifier: EventVerifier<SecurityEvent>
  readonly store: RevocationStore
  readonly families: SubjectFamilies | undefined
  /** Which events other processes took in. */
  readonly replay: ReplayStore | undefined
  readonly resolve: SubjectResolver
  readonly verifications: StreamVerifications
  readonly events: Events
  readonly timer: Timer
  readonly criticalSubjectMembers: readonly string[]
  readonly decide: DecideSignal | undefined
  readonly onSignal: ((signal: Signal) => unknown) | undefined
}

/** Takes one security event token in. Undefined: what it calls for is stored, and it may be acknowledged. */
export type Receive = (token: string, sender?: Sender) => Promise<AuthError | undefined>

export interface Receiver {
  readonly receive: Receive
  /** Whether this very event was taken in lately. */
  knows(token: string): boolean
}

const MAX_SEEN = 10_000

/** Of complex subjects: these alone can be told apart by access tokens. */
const KNOWN_MEMBERS = ['user', 'session']

export function createReceiver(parts: ReceiverParts): Receiver {
  const { verifier, events, verifications, replay, onSignal } = parts
  const seen = createSeen<AuthError | undefined>(MAX_SEEN, (refusal) => refusal === undefined)
  const listenerFailed = listenerWarning((cause) => `sharedSignals: onSignal failed (${cause})`)

  async function take(event: SecurityEvent, key: string): Promise<AuthError | undefined> {
    const judged = judgeType(event.type, event.payload)
    if (judged instanceof AuthError) return judged
    if (judged.name === 'verification') {
      const refusal = verifications.judge(event.payload)
      if (refusal !== undefined) return refusal
    }
    const subject = subjectOf(event, judged)
    if (subject instanceof AuthError) return subject
    const { issuer, tokenId, type, payload, happenedAt } = event
    const signal = { ...judged, type, issuer, tokenId, happenedAt, subject, payload }
    const told = await carryOut(parts, signal)
    if (told instanceof AuthError) return told
    const isFirst = replay === undefined || (await claimed(replay, claimOf(key)))
    if (isFirst instanceof AuthError) return isFirst
    if (!isFirst) return undefined
    events.emit(told)
    if (judged.name === 'stream-updated') events.emit(streamEvent(event))
    if (onSignal !== undefined) callApp(() => onSignal(signal), listenerFailed)
    return undefined
  }

  return {
    async receive(token, sender) {
      const event = await verifier.verify(token, sender)
      if (event instanceof AuthError) return event
      const key = keyOf(token)
      return seen.once(key, () => take(event, key))
    },
    knows: (token) => seen.has(keyOf(token)),
  }
}

/**
 * Without the signature, which may differ. By its `jti` alone, two events of a transmitter that
 * repeats one would be taken for one.
 */
function keyOf(token: string): string {
  return sha256(token.slice(0, token.lastIndexOf('.')))
}

/** Transmitters that were not heard try again for hours. */
const KNOWN_FOR_MS = 86_400_000

/**
 * Told to other processes once the revocation is stored, and not before: a process that ends in
 * between must not leave an event that all take for done.
 */
const claimOf = (key: string): ProofClaim => ({
  thumbprint: key,
  proofId: key,
  ttlMs: KNOWN_FOR_MS,
})

/** Events of the stream itself are about the stream. */
function subjectOf(event: SecurityEvent, { action }: JudgedType): Subject | undefined | AuthError {
  const subject = readSubject(event.subject)
  // Nothing is done by it, and a receiver must bear with what it does not know.
  return subject instanceof AuthError && action === 'ignore' ? undefined : subject
}

async function carryOut(parts: ReceiverParts, signal: Signal): Promise<AuthError | AuthEvent> {
  const action = await actionOf(parts, signal)
  if (action instanceof AuthError) return action
  const { subject } = signal
  if (action === 'ignore') return done(signal, 'ignored', 'It calls for no revocation')
  if (subject === undefined) {
    return done(signal, 'ignored', 'Its subject has a format that is not known')
  }
  const critical = criticalMember(subject, parts.criticalSubjectMembers)
  if (critical !== undefined) {
    return done(signal, 'ignored', `Its subject has the critical member ${critical}`)
  }
  const targets = await parts.resolve(subject, signal.name === 'session-revoked')
  if (targets instanceof AuthError) return targets
  if (targets.length === 0) return done(signal, 'ignored', 'Its subject is nobody we know')
  const refusal = await revokeTargets(parts, targets, signal.happenedAt)
  if (refusal !== undefined) return refusal
  return done(signal, 'revoked', undefined, digestsOf(targets))
}

async function actionOf(
  { decide, timer }: ReceiverParts,
  signal: Signal,
): Promise<SignalAction | AuthError> {
  if (decide === undefined) return signal.action
  const answer: unknown = await askApp('decide', () =>
    withDeadline(Promise.resolve(decide(signal)), APP_DEADLINE_MS, timer),
  )
  if (answer instanceof AuthError) return answer
  if (answer === undefined) return signal.action
  if (answer === 'revoke' || answer === 'ignore') return answer
  return undecided("decide must return 'revoke', 'ignore' or undefined")
}

/** SSF §3.6: an event with one that cannot be heeded is discarded. */
function criticalMember(subject: Subject, critical: readonly string[]): string | undefined {
  if (subject.format !== 'complex') return undefined
  return critical.find(
    (name) => Object.hasOwn(subject.members, name) && !KNOWN_MEMBERS.includes(name),
  )
}

function done(
  { issuer, name }: Signal,
  outcome: 'revoked' | 'ignored',
  detail?: string,
  digests: ReturnType<typeof digestsOf> = { subjectDigest: undefined, sessionIdDigest: undefined },
): AuthEvent {
  const told = {
    name: 'signal.received' as const,
    issuer: printable(issuer),
    signal: name,
    outcome,
  }
  return { ...told, ...(detail === undefined ? {} : { detail }), ...digests }
}

function streamEvent({ issuer, payload }: SecurityEvent): Parameters<Events['emit']>[0] {
  const { status, reason } = payload
  return {
    name: 'signal.stream',
    issuer: printable(issuer),
    status: status === 'enabled' || status === 'paused' ? status : 'disabled',
    ...(typeof reason === 'string' ? { detail: printable(reason, 200) } : {}),
  }
}
