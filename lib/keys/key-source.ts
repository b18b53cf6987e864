import { importKeySet, keyIdsOf, matchingKeys } from './key-set.js'
import type { VerificationKey } from './verification-key.js'

/**
 * Where verification keys come from. "Unknown key" and "cannot know" are different answers: an
 * empty list against `KeysUnavailable`.
 */
export interface KeySource {
  /**
   * Keys that may have signed a token with this `kid`, or with none. Answers at once where it can,
   * so that a request for a known key costs no promise.
   *
   * @param mayRefetch Whether an unknown `kid` may cost a refetch. @default true
   * @param since When the request came, on the Timer: all that it waits for has one deadline. @default now
   * @throws KeysUnavailable, or rejects with it, when keys cannot be had; RefetchDenied where only a
   * refetch could tell.
   */
  find(
    keyId: string | undefined,
    mayRefetch?: boolean,
    since?: number,
  ): readonly VerificationKey[] | Promise<readonly VerificationKey[]>
  /**
   * Keys that have come since `than` were given out, after a refetch where the budget has one: how a
   * rotation shows to a token without `kid`.
   */
  findOthers(
    than: readonly VerificationKey[],
    mayRefetch?: boolean,
    since?: number,
  ): Promise<readonly VerificationKey[]>
  /**
   * Whether a key is still in force: what a withdrawn one verified counts no more. False for all once
   * closed, because nobody would hear of a withdrawal then.
   */
  holds(key: VerificationKey): boolean
  /** Names the key set in force. */
  generation(): number
  /** Resolves once there are keys. Rejects with `KeysUnavailable`. */
  ready(): Promise<void>
  status(): KeySourceStatus
  /** Stops refreshing in the background and ends a refresh under way: no timer, no socket stays. */
  close(): void
}

export interface KeySourceStatus {
  /**
   * `fresh`: within its lifetime; `stale`: past it, served because refreshing fails; `dead`: too
   * old to serve; `empty`: never fetched.
   */
  readonly state: 'empty' | 'fresh' | 'stale' | 'dead'
  readonly generation: number
  readonly keyIds: readonly string[]
  readonly ageSeconds: number | undefined
  readonly nextRefreshInSeconds: number | undefined
  readonly lastError: string | undefined
}

/** Keys cannot be had: an outage, never the fault of a token. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'
  readonly retryAfterSeconds: number

  constructor(message: string, retryAfterSeconds: number) {
    super(message)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** Only a refetch could tell whether there is such a key, and this request may not cause one. */
export class RefetchDenied extends Error {
  override readonly name = 'RefetchDenied'
}

/** Keys given by the app itself: nothing to fetch, nothing to wait for. */
export function staticKeySource(jwks: unknown): KeySource {
  const set = importKeySet(jwks)
  return fixedKeySource((keyId) => matchingKeys(set, keyId), keyIdsOf(set))
}

/** Keys that never change. */
export function fixedKeySource(find: KeySource['find'], keyIds: readonly string[]): KeySource {
  let closed = false
  return {
    find,
    findOthers: () => Promise.resolve([]),
    holds: () => !closed,
    generation: () => 1,
    ready: () => Promise.resolve(),
    status: () => ({
      state: 'fresh',
      generation: 1,
      keyIds,
      ageSeconds: undefined,
      nextRefreshInSeconds: undefined,
      lastError: undefined,
    }),
    close() {
      closed = true
    },
  }
}
