import { acrossCopies } from '../core/across-copies.js'
import type { Auth } from '../core/auth/auth.js'
import type { NamedIssuer } from './issuer-name.js'

/** What is asked of a denylist about one verified token. */
export type RevocationQuery = NamedIssuer &
  Pick<
    Auth,
    'tokenId' | 'sessionId' | 'subject' | 'clientId' | 'issuedAt' | 'expiresAt' | 'version'
  >

/** What of a token the facts about it are compared with. */
export type JudgedToken = Pick<RevocationQuery, 'sessionId' | 'issuedAt' | 'expiresAt' | 'version'>

/** Which fact revoked a token. `lifetime`: it lives longer than the store remembers. */
export type RevokedBy =
  'token' | 'session' | 'subject' | 'client' | 'version' | 'issuer' | 'all' | 'floor' | 'lifetime'

export type RevocationVerdict =
  { readonly revoked: false } | { readonly revoked: true; readonly by: RevokedBy }

/** Proof that a revocation was stored. */
export interface RevocationReceipt {
  /** Grows by one with each revocation that changes something. */
  readonly sequence: number
  /**
   * Tokens with `iat` up to this second are revoked; new ones should be stamped after it. A token
   * or session has one where a mark over its user was stored in its place.
   */
  readonly notBefore?: number
}

export interface SubjectRevocation {
  /** Revoke tokens with `iat` up to this second. @default now, plus the clock tolerance */
  readonly issuedBefore?: number | undefined
  /** Sessions (`sid`) that stay. */
  readonly exceptSessions?: readonly string[] | undefined
}

export interface RevocationStatus {
  /** Whether a check would be answered now. */
  readonly ready: boolean
  /** Finer than `ready`; the names are the store's own. */
  readonly state: string
  readonly detail?: string | undefined
}

/**
 * Knows what is revoked. It may be read-only, such as a status list of an issuer.
 *
 * It asks by `revocationIssuer`, and by `issuer` where there is none.
 */
export interface RevocationChecker {
  /**
   * Judges one token. Answers at once where nothing must be asked.
   *
   * @throws RevocationUnavailable, or rejects with it, when it cannot know: never "not revoked"
   *   for "cannot tell".
   */
  check(query: RevocationQuery): RevocationVerdict | Promise<RevocationVerdict>
  /** `{ ready, state, detail }`, for health checks. */
  status(): RevocationStatus
  /**
   * Calls back whenever something may have been revoked, so that streams of revoked tokens end at
   * once.
   *
   * Offer it only where `check` then answers without a promise; without it, open streams are
   * asked about every 5 seconds.
   *
   * @returns what ends it.
   */
  watch?(changed: () => void): () => void
}

/**
 * Remembers what was revoked until no token it concerns can be valid any more. A revocation whose
 * promise has resolved is durable; there is no way back, so that replays and reordered events do no
 * harm. All times are seconds.
 *
 * A store revokes by the issuer that it asks by. So calls may name an issuer by the first of its
 * spellings, or hand over an `Auth` as it is.
 */
export interface RevocationStore extends RevocationChecker {
  /** Resolves once checks can be answered; rejects where that will not come by itself. */
  ready(): Promise<void>
  /** Ends connections and timers. */
  close(): Promise<void>
  /**
   * Revokes one token until `expiresAt`. An `Auth` may be handed over as it is.
   *
   * With `subject`, it counts against the share of that user:
   * once 1000 tokens of theirs are held, a mark over the user is stored instead, up to `issuedAt`, or
   * up to now where that is unknown.
   */
  revokeToken(
    token: NamedIssuer & {
      readonly tokenId: string
      readonly expiresAt: number
      readonly subject?: string | undefined
      readonly issuedAt?: number | undefined
    },
  ): Promise<RevocationReceipt>
  /**
   * Revokes all tokens of a login session, issued already or later.
   *
   * With `subject`, it counts against
   * the share of that user: once 1000 sessions of theirs are held, a mark over the user is stored
   * instead, up to `issuedBefore`. Tokens that the issuer still gives out for that session are then
   * not revoked.
   */
  revokeSession(
    session: NamedIssuer & {
      readonly sessionId: string
      readonly subject?: string | undefined
    },
    options?: { readonly issuedBefore?: number | undefined },
  ): Promise<RevocationReceipt>
  /** Revokes all tokens of a user issued so far, or until `issuedBefore`; the sessions in `exceptSessions` stay. */
  revokeSubject(
    subject: NamedIssuer & { readonly subject: string },
    options?: SubjectRevocation,
  ): Promise<RevocationReceipt>
  /** Revokes all tokens of a client issued so far. */
  revokeClient(
    client: NamedIssuer & { readonly clientId: string },
    options?: { readonly issuedBefore?: number | undefined },
  ): Promise<RevocationReceipt>
  /** Revokes all tokens issued so far, of one issuer or of every one. */
  revokeAll(
    options?: Partial<NamedIssuer> & { readonly issuedBefore?: number | undefined },
  ): Promise<RevocationReceipt>
  /** Revokes all tokens of a user whose version claim is below `minimum`, or absent. */
  requireTokenVersion(
    subject: NamedIssuer & { readonly subject: string },
    minimum: number,
  ): Promise<RevocationReceipt>
}

/** The store cannot know, or could not store. An outage: never taken for "not revoked" or "revoked". */
export class RevocationUnavailable extends Error {
  override readonly name = 'RevocationUnavailable'
  readonly retryAfterSeconds: number

  constructor(
    message: string,
    options: { cause?: unknown; retryAfterSeconds?: number | undefined } = {},
  ) {
    super(message, { cause: options.cause })
    this.retryAfterSeconds = options.retryAfterSeconds ?? 1
  }
}
acrossCopies(RevocationUnavailable, 'RevocationUnavailable')
