import type { VerificationKey } from './verification-key.js'

type Keys = readonly VerificationKey[]

/** Without a `kid`, each fitting key is tried: an attacker must not choose how much work that is. */
export const MAX_KEYS_TRIED = 8
/** For keys that have not verified lately: else whoever was left out once would be left out for ever. */
const TRIED_BY_TURN = 2

const verifiedAt = new WeakMap<VerificationKey, number>()
const triedAt = new WeakMap<VerificationKey, number>()
let turns = 0

/**
 * The keys that a token of `algorithm` is tried with, in this order. Of more than eight, those that
 * verified last come first, and two places at least go to the others by turn.
 */
export function keysToTry(keys: Keys, algorithm: string): Keys {
  const fitting = keys.filter((key) => key.algorithms.has(algorithm))
  if (fitting.length <= MAX_KEYS_TRIED) return fitting
  const recent = fitting
    .filter((key) => verifiedAt.has(key))
    .toSorted((a, b) => verifiedAt.get(b)! - verifiedAt.get(a)!)
    .slice(0, MAX_KEYS_TRIED - TRIED_BY_TURN)
  const others = fitting
    .filter((key) => !recent.includes(key))
    .toSorted((a, b) => (triedAt.get(a) ?? 0) - (triedAt.get(b) ?? 0))
    .slice(0, MAX_KEYS_TRIED - recent.length)
  turns += 1
  for (const key of others) triedAt.set(key, turns)
  return [...recent, ...others]
}

/** Call it once `key`, one of `keys`, has verified a signature. */
export function rememberVerified(key: VerificationKey, keys: Keys): void {
  if (keys.length < MAX_KEYS_TRIED) return
  turns += 1
  verifiedAt.set(key, turns)
}

/** How many keys of a set a token without `kid` may not be tried with at once. */
export function countBeyondTries(keys: Keys): number {
  const fitting = new Map<string, number>()
  for (const { published } of keys) {
    for (const algorithm of published) fitting.set(algorithm, (fitting.get(algorithm) ?? 0) + 1)
  }
  return Math.max(0, ...[...fitting.values()].map((count) => count - MAX_KEYS_TRIED))
}
