import type { VerificationKey } from './jwk/verification-key.js'

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
  const recent = least(MAX_KEYS_TRIED - TRIED_BY_TURN, fitting, (key) => {
    const at = verifiedAt.get(key)
    return at === undefined ? undefined : -at
  })
  const others = least(MAX_KEYS_TRIED - recent.length, fitting, (key) =>
    recent.includes(key) ? undefined : (triedAt.get(key) ?? 0),
  )
  turns += 1
  for (const key of others) triedAt.set(key, turns)
  return [...recent, ...others]
}

/**
 * Up to `count` keys of the least rank, in its order; those without one are left out. In one pass: only
 * bytes limit a set, and sorting thousands of keys for each token would cost more than trying eight.
 */
function least(
  count: number,
  keys: Keys,
  rankOf: (key: VerificationKey) => number | undefined,
): Keys {
  const ranked: { readonly key: VerificationKey; readonly rank: number }[] = []
  for (const key of keys) {
    const rank = rankOf(key)
    const last = ranked.at(-1)
    if (rank === undefined || (ranked.length === count && last!.rank <= rank)) continue
    const at = ranked.findIndex((other) => other.rank > rank)
    ranked.splice(at === -1 ? ranked.length : at, 0, { key, rank })
    if (ranked.length > count) ranked.pop()
  }
  return ranked.map(({ key }) => key)
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
