import type { Clock } from '../../../core/clock.js'
import { AuthError, invalidToken } from '../../../core/verdicts/errors.js'
import { digest, type AuthEvent, type Events } from '../../../core/events/events.js'
import { attempt } from '../../../core/verdicts/outcome.js'
import type { RevocationStore } from '../../../revocation/store.js'
import type { SessionLifetime, SessionStore } from '../../session-store.js'
import { createSessionDenylist } from './session-denylist.js'
import { createSessionCopies } from './session-copies.js'
import { keyOf, namesIn, newSessionId, type NamedSession, type SessionNames } from './session-id.js'
import type { ReadSession, Session, SessionCodec, Tokens } from './session.js'

export interface SessionsSetup {
  readonly store: SessionStore
  readonly codec: SessionCodec
  readonly revocations: RevocationStore
  /** The name under which the issuer's sessions are revoked. */
  readonly issuer: string
  readonly clientId: string
  readonly lifetime: SessionLifetime
  readonly clock: Clock
  readonly events: Events
}

interface Begun {
  readonly id: string
  readonly session: Session
}

/** Who is logged in. A store that does not answer is an outage, and ends nothing. */
export interface Sessions {
  /** Begins a session with an id of its own, whatever the browser had before. */
  start(tokens: Tokens, stepUp: string | undefined): Promise<Begun | AuthError>
  /** The session of an id, unless it is over or the denylist ended it. */
  find(id: string, use: boolean): Promise<ReadSession | AuthError>
  /** The same, put off, for a request that wants no more than to be let in: a copy in memory will do. */
  recall(id: string): Promise<Session | AuthError>
  /** Takes note of a session that was read, or written. */
  keep(session: Session, record: string): void
  end(session: Session, by: SessionEnd): Promise<void | AuthError>
  /** Ends a session, if there is one. */
  endReplaced(session: NamedSession): Promise<void | AuthError>
  /** Keeps a session from being used where somebody remembers it, or put it back. */
  revoke(session: Session): Promise<void | AuthError>
}

type SessionEnded = Pick<Extract<AuthEvent, { name: 'session.ended' }>, 'name' | 'by'>

export type SessionEnd = SessionEnded['by']

export function createSessions(setup: SessionsSetup): Sessions {
  const { store, codec, revocations, issuer, clientId, lifetime, clock, events } = setup
  const denylist = createSessionDenylist(revocations, issuer, clientId)
  const copies = createSessionCopies(clock, lifetime.idleMs)

  async function revokeSession(session: Session): Promise<void | AuthError> {
    const { key, expiresAt, subject, startedAt } = session
    return denylist.revoke(key, { expiresAt, subject, issuedAt: startedAt })
  }

  async function end(session: Session, by: SessionEnd): Promise<void | AuthError> {
    copies.forget(session.key)
    // Other processes have copies too.
    const revoked = by === 'issuer' ? await revokeSession(session) : undefined
    if (revoked !== undefined) return revoked
    const ended = await attempt(() => store.end(session.key))
    if (!(ended instanceof AuthError))
      tellSession(events, { name: 'session.ended', by }, issuer, session)
    return ended
  }

  /** Also one that the store does not know, as on the wrong side of a split brain. */
  async function endReplaced({ key, of }: NamedSession): Promise<void | AuthError> {
    copies.forget(key)
    const names = of ?? (await storedNames(key))
    if (names instanceof AuthError) return names
    const expiresAt = clock() + lifetime.absoluteMs / 1000
    // Whoever logs in without end must not fill the denylist: it counts against their share.
    const share = names && { subject: names.subject, issuedAt: names.startedAt }
    return (await denylist.revoke(key, { expiresAt, ...share })) ?? attempt(() => store.end(key))
  }

  async function storedNames(key: string): Promise<SessionNames | undefined | AuthError> {
    const stored = await attempt(() => store.read(key, false))
    return stored instanceof AuthError ? stored : stored && codec.decode(key, stored)?.session
  }

  async function judged(
    session: Session,
    verdict?: boolean | AuthError,
  ): Promise<Session | AuthError> {
    const revoked = verdict ?? (await denylist.isRevoked(session))
    if (revoked instanceof AuthError) return revoked
    if (!revoked) return session
    await end(session, 'denylist')
    return invalidToken('session_ended', 'The denylist names the session, or its user')
  }

  function keep(session: Session, record: string): void {
    copies.keep(session, record.length)
  }

  async function find(id: string, use: boolean): Promise<ReadSession | AuthError> {
    const key = keyOf(id)
    const names = namesIn(id)
    // In one turn: no request waits for Redis twice.
    const [stored, verdict] = await Promise.all([
      attempt(() => store.read(key, use)),
      names && denylist.isRevoked({ key, ...names }),
    ])
    if (stored instanceof AuthError) return stored
    const found = stored && codec.decode(key, stored)
    if (stored === undefined || found === undefined || clock() >= found.session.expiresAt) {
      copies.forget(key)
      return invalidToken('session_unknown')
    }
    const session = await judged(found.session, verdict)
    if (session instanceof AuthError) return session
    if (use) keep(session, stored.record)
    return found
  }

  return {
    async start(tokens, stepUp) {
      const begun = sessionOf(tokens, { now: clock(), lifetime, stepUp })
      if (begun instanceof AuthError) return begun
      const { session } = begun
      const created = await attempt(() =>
        store.create(session.key, codec.encode(session), lifetime),
      )
      if (created instanceof AuthError) return created
      tellSession(events, { name: 'session.started' }, issuer, session)
      return begun
    },
    find,
    async recall(id) {
      const copy = copies.find(keyOf(id))
      if (copy !== undefined) return judged(copy)
      const found = await find(id, true)
      return found instanceof AuthError ? found : found.session
    },
    keep,
    end,
    endReplaced,
    revoke: revokeSession,
  }
}

function sessionOf(
  tokens: Tokens,
  { now, lifetime, stepUp }: { now: number; lifetime: SessionLifetime; stepUp: string | undefined },
): Begun | AuthError {
  const { claims = {}, idToken } = tokens
  const { sub, sid } = claims
  if (typeof sub !== 'string' || idToken === undefined) {
    return new AuthError('login_failed', {
      reason: 'login_refused',
      detail: 'There is no ID token',
    })
  }
  const names: SessionNames = {
    subject: sub,
    sessionId: typeof sid === 'string' ? sid : undefined,
    startedAt: now,
    expiresAt: now + lifetime.absoluteMs / 1000,
  }
  const id = newSessionId(names)
  const session: Session = {
    ...names,
    key: keyOf(id),
    claims,
    idToken,
    accessToken: tokens.accessToken,
    accessExpiresAt: tokens.accessExpiresAt,
    refreshedAt: now,
    refreshToken: tokens.refreshToken,
    stepUp,
  }
  return { id, session }
}

/** Tells of a session by digests alone. */
export function tellSession(
  events: Events,
  what: { readonly name: 'session.started' | 'session.refreshed' } | SessionEnded,
  issuer: string,
  { subject, key }: Session,
): void {
  if (!events.active) return
  events.emit({ ...what, issuer, subjectDigest: digest(subject), sessionIdDigest: digest(key) })
}
