/** Whose login a chain of refresh tokens continues. */
export interface Family {
  /** The name under which its access tokens are revoked: their `iss`. */
  readonly issuer: string
  /** The user: `sub` of its access tokens. */
  readonly subject: string
  /** The client that the tokens were given to. No other may use them (RFC 6749 §10.4). */
  readonly clientId: string
  /** `sid` of its access tokens: by it they are revoked together. */
  readonly sessionId: string
  /** When the login was, in seconds. */
  readonly startedAt: number
  /** When the last token was given out, in seconds. */
  readonly rotatedAt: number
  /** When the family ends whatever happens, in seconds. */
  readonly expiresAt: number
}

/** How long tokens of a family are good, in milliseconds. */
export interface FamilyRules {
  readonly idleMs: number
  readonly graceMs: number
}

/** A family as a store keeps it. Times are milliseconds of the store's own clock. */
export interface StoredFamily {
  readonly subject: string
  readonly clientId: string
  readonly sessionId: string
  /** The number of the token that is good now, from 1. */
  readonly count: number
  readonly startedAtMs: number
  readonly rotatedAtMs: number
  readonly expiresAtMs: number
  readonly state: FamilyState
}

/**
 * `reused`: an old token came back, and the denylist may not have been told yet. `ended`: logged out,
 * or `reused` and told.
 */
export type FamilyState = 'live' | 'ended' | 'reused'

/** What a store makes of a presented token. `ahead`: the store has forgotten tokens that it gave out. */
export type Rotation =
  'rotated' | 'again' | 'ended' | 'reused' | 'expired' | 'wrong_client' | 'ahead'

/** What a token says that is presented: which of its family it is, and who holds it. */
export interface Presented {
  readonly count: number
  readonly clientId: string
}

/**
 * What becomes of a presented token. The script of the Redis store says the same: the contract suite
 * holds both to it.
 *
 * The successor of a token that is used twice at once is the same for all who race. As soon as that
 * successor is used itself, the grace of its predecessor is over (RFC 9700 §4.14.2).
 */
export function judgeRotation(
  family: StoredFamily,
  presented: Presented,
  { idleMs, graceMs }: FamilyRules,
  nowMs: number,
): Rotation {
  if (family.state !== 'live') return family.state
  if (presented.clientId !== family.clientId) return 'wrong_client'
  if (nowMs >= family.expiresAtMs || nowMs >= family.rotatedAtMs + idleMs) return 'expired'
  if (presented.count === family.count) return 'rotated'
  if (presented.count > family.count) return 'ahead'
  const isPredecessor = presented.count === family.count - 1
  // A clock that went back must not make the grace longer.
  return isPredecessor && Math.abs(nowMs - family.rotatedAtMs) < graceMs ? 'again' : 'reused'
}

/** Those that began up to a second, as `iat` has it. */
export function startedUntil(
  families: readonly StoredFamily[],
  startedBefore: number,
): readonly StoredFamily[] {
  if (!Number.isFinite(startedBefore)) {
    throw new TypeError('refreshFamilies.revokeSubject: "startedBefore" must be a time in seconds')
  }
  return families.filter(({ startedAtMs }) => Math.floor(startedAtMs / 1000) <= startedBefore)
}
