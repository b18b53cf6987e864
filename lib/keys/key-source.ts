import { importKeySet, keyIdsOf, matchingKeys } from './key-set.js'
import { countBeyondTries, MAX_KEYS_TRIED } from './keys-to-try.js'
import type { VerificationKey } from './jwk/verification-key.js'

/**
 * Where verification keys come from. "Unknown key" and "cannot know" are different answers: an
 * empty list against `KeysUnavailable`.
 */
export interface KeySource {
  /**
   * Keys that may have signed a token with this `kid`, or with none. Answers at once where it can,
   * so that a request for a known key costs no promise.
   *
   * @param throttled An unknown `kid` must not cost a refetch: its sender has failed too often. @default false
   * @param since When the request came, on the Timer: all that it waits for has one deadline. @default now
   * @throws KeysUnavailable, or rejects with it, when keys cannot be had; WorkDenied where only a
   * refetch could tell; KeyCompromised where the issuer publishes the private half of the key;
   * KeyIgnored where it publishes one that we cannot use.
   */
  find(
    keyId: string | undefined,
    throttled?: boolean,
    since?: number,
  ): readonly VerificationKey[] | Promise<readonly VerificationKey[]>
  /**
   * Keys that fit, after a refetch where the budget has one: how a rotation shows to a token without
   * `kid`, and another algorithm of a key that has none published. Rejects as `find` does.
   */
  refetch(
    fits: (key: VerificationKey) => boolean,
    throttled?: boolean,
    since?: number,
  ): Promise<readonly VerificationKey[]>
  /**
   * Whether a key is still in force: what a withdrawn one verified counts no more. False for all once
   * closed, because nobody would hear of a withdrawal then.
   */
  holds(key: VerificationKey): boolean
  /** Names the key set in force; 0 where there is none, or closed. */
  generation(): number
  /** Resolves once there are keys. Rejects as `find` does. */
  ready(): Promise<void>
  status(): KeySourceStatus
  /**
   * Stops refreshing and ends a refresh under way: no timer, no socket stays. Keys that were fetched
   * cannot be had any more, since nobody would hear that one is withdrawn.
   */
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
  /** How much longer they are served if no refresh succeeds; undefined for keys that are never fetched, or not yet. */
  readonly usableSeconds: number | undefined
  readonly nextRefreshInSeconds: number | undefined
  /**
   * How many keys of one algorithm there are beyond the eight that a token without `kid` is tried with
   * at once: where it is not 0, the issuer should name keys by `kid`, or publish fewer.
   */
  readonly keysBeyondTries: number
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

/** Only a refetch could tell whether that key exists, and the budget has none left. */
export class RefetchOverBudget extends KeysUnavailable {
  constructor(retryAfterSeconds: number) {
    super(
      'Only a refetch could tell whether there is such a key, and its budget is spent',
      retryAfterSeconds,
    )
  }
}

/** Only a refetch could tell whether there is such a key, and this request is throttled. */
export class WorkDenied extends Error {
  override readonly name = 'WorkDenied'
}

/** Keys given by the app itself: nothing to fetch, nothing to wait for. */
export function staticKeySource(jwks: unknown): KeySource {
  const set = importKeySet(jwks)
  // Who configures a private key can mend it at once.
  for (const compromised of set.compromised.values()) throw compromised
  const source = fixedKeySource((keyId) => matchingKeys(set, keyId), keyIdsOf(set))
  const keysBeyondTries = countBeyondTries(set.keys)
  return {
    ...source,
    // Nothing new can come, but keys are left that a token without `kid` was not tried with.
    refetch: (fits) => Promise.resolve(set.keys.filter(fits).slice(0, MAX_KEYS_TRIED)),
    status: () => ({ ...source.status(), keysBeyondTries }),
  }
}

/** Keys that never change. */
export function fixedKeySource(find: KeySource['find'], keyIds: readonly string[]): KeySource {
  let closed = false
  return {
    find,
    refetch: () => Promise.resolve([]),
    holds: () => !closed,
    generation: () => (closed ? 0 : 1),
    ready: () => Promise.resolve(),
    status: () => ({
      state: 'fresh',
      generation: 1,
      keyIds,
      ageSeconds: undefined,
      usableSeconds: undefined,
      nextRefreshInSeconds: undefined,
      keysBeyondTries: 0,
      lastError: undefined,
    }),
    close() {
      closed = true
    },
  }
}
