import { randomBytes } from 'node:crypto'
import type { Clock, Timer } from '../../../core/clock.js'
import { AuthError, invalidToken } from '../../../core/verdicts/errors.js'
import type { Events } from '../../../core/events/events.js'
import type { Failure } from '../../../net/backoff.js'
import type { SessionStore } from '../../session-store.js'
import { createFailures } from '../issuer/failures.js'
import type { IssuerClient } from '../issuer/issuer-client.js'
import type { Session, SessionCodec, Tokens } from '../sessions/session.js'
import { tellSession, type Sessions } from '../sessions/sessions.js'
import { createTurns } from './turns.js'

export interface RefresherSetup {
  readonly store: SessionStore
  readonly codec: SessionCodec
  readonly sessions: Sessions
  readonly client: IssuerClient
  readonly issuer: string
  readonly beforeSeconds: number
  /** How long a call to the issuer may take. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly timer: Timer
  readonly events: Events
}

/** Renews access tokens: once for all requests of all processes that need the same one. */
export interface Refresher {
  /**
   * The session with an access token that is good. One that ends soon is renewed meanwhile, and still
   * given: only a request that has none waits for the issuer.
   *
   * @param rejected An access token that proved to be over.
   */
  fresh(session: Session, rejected?: string): Promise<Session | AuthError>
}

export function createRefresher(setup: RefresherSetup): Refresher {
  const { store, codec, sessions, client, issuer, clock, timer, events, timeoutMs } = setup
  const running = new Map<string, Promise<Session | AuthError>>()
  const turn = createTurns(store, timer, timeoutMs)
  const failures = createFailures(timer)

  function isOver({ accessToken, accessExpiresAt }: Session, rejected?: string): boolean {
    return accessToken === rejected || clock() >= (accessExpiresAt ?? Infinity)
  }

  /** Half of a short life is enough: a token that is renewed as soon as it came would be so for ever. */
  function isDue(session: Session, rejected?: string): boolean {
    const { accessExpiresAt = Infinity, refreshedAt } = session
    const early = Math.min(setup.beforeSeconds, (accessExpiresAt - refreshedAt) / 2)
    return isOver(session, rejected) || clock() >= accessExpiresAt - early
  }

  async function refresh(key: string, rejected?: string): Promise<Session | AuthError> {
    const holder = randomBytes(16).toString('base64url')
    const locked = await turn.take(key, holder)
    if (locked instanceof AuthError) return locked
    // The last owner of the lock may have done it.
    const session = codec.decode(key, locked)?.session
    if (session === undefined) return invalidToken('session_unknown')
    if (!isDue(session, rejected)) {
      sessions.keep(session, locked.record)
      return unlocked(key, holder, session)
    }
    if (session.refreshToken === undefined) {
      await turn.give(key, holder)
      return isOver(session, rejected)
        ? invalidToken('session_ended', 'The access token is over, and there is no refresh token')
        : session
    }
    const tokens = await client.refresh(session.refreshToken)
    if (tokens instanceof AuthError) return refused(session, tokens, holder)
    failures.forget(key)
    const next = renewed(session, tokens, clock())
    if (next === undefined) return refused(session, otherUser(), holder)
    return write(next, holder, locked.version)
  }

  async function unlocked(key: string, holder: string, session: Session): Promise<Session> {
    await turn.give(key, holder)
    return session
  }

  /** Only the issuer's own word ends a session: an outage leaves it as it is. */
  async function refused(session: Session, error: AuthError, holder: string): Promise<AuthError> {
    if (error.family === 'credential') {
      const ended = await sessions.end(session, 'issuer')
      return ended instanceof AuthError ? ended : error
    }
    failures.note(session.key, error)
    await turn.give(session.key, holder)
    return error
  }

  async function write(
    session: Session,
    holder: string,
    version: number,
  ): Promise<Session | AuthError> {
    const change = { record: codec.encode(session), holder, version }
    const tell = (): void => tellSession(events, { name: 'session.refreshed' }, issuer, session)
    const written = await turn.write(session.key, change, tell)
    if (written instanceof AuthError) return written
    if (written) {
      sessions.keep(session, change.record)
      tell()
      return session
    }
    // Logged out meanwhile: nobody shall have what came too late.
    if (session.refreshToken !== undefined) await client.revoke(session.refreshToken)
    return invalidToken('session_unknown')
  }

  /** One at a time for each session in this process, before any store is asked. */
  function shared(key: string, rejected?: string): Promise<Session | AuthError> {
    const under = running.get(key)
    if (under !== undefined) return under
    const started = refresh(key, rejected).finally(() => running.delete(key))
    running.set(key, started)
    return started
  }

  return {
    async fresh(session, rejected) {
      if (!isDue(session, rejected)) return session
      const over = isOver(session, rejected)
      const failure = failures.of(session.key)
      if (failure !== undefined && timer.now() < failure[over ? 'askAgainAt' : 'retryAt']) {
        return over ? stillOut(failure) : session
      }
      const refreshed = shared(session.key, rejected)
      if (over) return refreshed
      refreshed.catch(() => undefined)
      return session
    },
  }
}

/** Undefined where the issuer answers with the tokens of somebody else (OpenID Connect Core §12.2). */
function renewed(session: Session, tokens: Tokens, now: number): Session | undefined {
  const subject = tokens.claims?.['sub'] ?? session.subject
  if (subject !== session.subject) return undefined
  return {
    ...session,
    accessToken: tokens.accessToken,
    accessExpiresAt: tokens.accessExpiresAt,
    refreshedAt: now,
    refreshToken: tokens.refreshToken ?? session.refreshToken,
    idToken: tokens.idToken ?? session.idToken,
    // An ID token that comes with a renewal may say less than the first.
    claims: { ...session.claims, ...tokens.claims },
  }
}

function otherUser(): AuthError {
  return invalidToken('session_ended', 'The issuer answered with the tokens of another user')
}

function stillOut({ message }: Failure): AuthError {
  const detail = `The last call failed: ${message}`
  return new AuthError('temporarily_unavailable', { reason: 'issuer_unavailable', detail })
}
