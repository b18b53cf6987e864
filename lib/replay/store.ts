import { acrossCopies } from '../core/across-copies.js'
import { isRecord } from '../core/values.js'

/** One proof, by nothing that could identify a person. */
export interface ProofClaim {
  /** RFC 7638 thumbprint of the key, so that no client can use up the names of another. */
  readonly thumbprint: string
  /** SHA-256 of the `jti`, base64url: 43 characters, however long the `jti` was. */
  readonly proofId: string
  /** For how long the proof could be sent again, in milliseconds. */
  readonly ttlMs: number
}

/** Remembers which proofs were used (RFC 9449 §11.1). Shared by all processes that serve one origin. */
export interface ReplayStore {
  /**
   * Marks a proof as used, in one step: of any number of calls with one proof, one is told `true`.
   *
   * @returns whether it was fresh. It rejects with `ReplayUnavailable` where that cannot be known: 503.
   */
  claim(proof: ProofClaim): boolean | Promise<boolean>
  close?(): void | Promise<void>
}

export function isReplayStore(value: unknown): value is ReplayStore {
  return isRecord(value) && typeof value['claim'] === 'function'
}

/** The store cannot tell whether a proof was used: it is out of reach, or full. Never taken for "fresh". */
export class ReplayUnavailable extends Error {
  override readonly name = 'ReplayUnavailable'
}
acrossCopies(ReplayUnavailable, 'ReplayUnavailable')
