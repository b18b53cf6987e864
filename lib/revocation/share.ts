import type { Revocation } from './revocations.js'

/**
 * Of each kind, so many tokens or sessions of one user are remembered one by one. Whoever logs in and
 * out without end would otherwise fill the store, and nobody else could log out any more.
 */
export const ENTRIES_PER_SUBJECT = 1000

/** What becomes of an entry whose user has had their share of the store. */
export interface Share {
  /** Stored in its place. It revokes the token, or what the session holds, and more. */
  readonly mark: Revocation
  /** Longer than an entry of this kind is needed, so that few outlive the count that they are in. */
  readonly windowSeconds: number
}
