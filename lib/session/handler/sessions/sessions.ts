import type { Clock } from '../../../core/clock.js'
import { AuthError, invalidToken } from '../../../core/verdicts/errors.js'
import { digest, type AuthEvent, type Events } from '../../../core/events/events.js'
import { attempt } from '../../../core/verdicts/outcome.js'
import { storeOutage } from '../../../revocation/outage.js'
import type { RevocationStore } from '../../../revocation/store.js'
import { isVerdict, noVerdict } from '../../../revocation/verdict.js'
import type { SessionLifetime, SessionStore } from '../../session-store.js'
import {
  keyOf,
  newSessionId,
  type ReadSession,
  type Session,
  type SessionCodec,
  type Tokens,
} from './session.js'

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

/** Who is logged in. A store that does not answer is an outage, and ends nothing. */
export interface Sessions {
  /** Begins a session with an id of its own, whatever the browser had before. */
  start(
    tokens: Tokens,
    stepUp: string | undefined,
  ): Promise<{ readonly id: string; readonly session: Session } | AuthError>
  /** The session of an id, unless it is over or the denylist ended it. */
  find(id: string, use: boolean): Promise<ReadSession | AuthError>
  end(session: Session, by: SessionEnd): Promise<void | AuthError>
  /** Ends the session of a key, if there is one. */
  endByKey(key: string): Promise<void | AuthError>
  /** Keeps a session from being used where somebody remembers it, or put it back. */
  revoke(session: Session): Promise<void | AuthError>
}

type SessionEnded = Pick<Extract<AuthEvent, { name: 'session.ended' }>, 'name' | 'by'>

export type SessionEnd = SessionEnded['by']

export function createSessions(setup: SessionsSetup): Sessions {
  const { store, codec, revocations, issuer, clientId, lifetime, clock, events } = setup

  async function judgeByDenylist({ session }: ReadSession): Promise<boolean | AuthError> {
    const { key, subject, sessionId, startedAt, expiresAt } = session
    const verdict = await attempt(
      async () =>
        revocations.check({
          issuer,
          revocationIssuer: issuer,
          tokenId: tokenIdOf(key),
          subject,
          clientId,
          sessionId,
          version: undefined,
          issuedAt: startedAt,
          expiresAt,
        }),
      (cause) => storeOutage('revocation_unavailable', cause),
    )
    if (verdict instanceof AuthError) return verdict
    return isVerdict(verdict) ? verdict.revoked : storeOutage('revocation_unavailable', noVerdict())
  }

  async function end(session: Session, by: SessionEnd): Promise<void | AuthError> {
    const ended = await attempt(() => store.end(session.key))
    if (!(ended instanceof AuthError))
      tellSession(events, { name: 'session.ended', by }, issuer, session)
    return ended
  }

  return {
    async start(tokens, stepUp) {
      const id = newSessionId()
      const now = clock()
      const session = sessionOf(tokens, { key: keyOf(id), now, lifetime, stepUp })
      if (session instanceof AuthError) return session
      const created = await attempt(() =>
        store.create(session.key, codec.encode(session), lifetime),
      )
      if (created instanceof AuthError) return created
      tellSession(events, { name: 'session.started' }, issuer, session)
      return { id, session }
    },
    async find(id, use) {
      const key = keyOf(id)
      const stored = await attempt(() => store.read(key, use))
      if (stored instanceof AuthError) return stored
      const found = stored && codec.decode(key, stored)
      if (found === undefined || clock() >= found.session.expiresAt) {
        return invalidToken('session_unknown')
      }
      const revoked = await judgeByDenylist(found)
      if (revoked instanceof AuthError) return revoked
      if (!revoked) return found
      await end(found.session, 'denylist')
      return invalidToken('session_ended', 'The denylist names the session, or its user')
    },
    end,
    endByKey: async (key) => attempt(() => store.end(key)),
    async revoke({ key, expiresAt, subject, startedAt }) {
      const revoked = await attempt(
        async () =>
          revocations.revokeToken({
            issuer,
            revocationIssuer: issuer,
            tokenId: tokenIdOf(key),
            expiresAt,
            subject,
            issuedAt: startedAt,
          }),
        (cause) => storeOutage('revocation_not_stored', cause),
      )
      return revoked instanceof AuthError ? revoked : undefined
    },
  }
}

/** No token has such a `jti` but one that is forged. */
function tokenIdOf(key: string): string {
  return `session:${key}`
}

function sessionOf(
  tokens: Tokens,
  begun: {
    readonly key: string
    readonly now: number
    readonly lifetime: SessionLifetime
    readonly stepUp: string | undefined
  },
): Session | AuthError {
  const { claims = {}, idToken } = tokens
  const { sub, sid } = claims
  if (typeof sub !== 'string' || idToken === undefined) {
    return new AuthError('login_failed', {
      reason: 'login_refused',
      detail: 'There is no ID token',
    })
  }
  const { key, now, lifetime, stepUp } = begun
  return {
    key,
    subject: sub,
    sessionId: typeof sid === 'string' ? sid : undefined,
    startedAt: now,
    expiresAt: now + lifetime.absoluteMs / 1000,
    claims,
    idToken,
    accessToken: tokens.accessToken,
    accessExpiresAt: tokens.accessExpiresAt,
    refreshedAt: now,
    refreshToken: tokens.refreshToken,
    stepUp,
  }
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
