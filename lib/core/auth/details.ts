import { isRecord } from '../values.js'

/** One entry of authorization details (RFC 9396 §2). */
export type AuthorizationDetail = Readonly<Record<string, unknown>> & { readonly type: string }

/** The common fields of RFC 9396 §2.2: where an entry has one, it bounds what the entry grants. */
const BOUNDS = ['locations', 'actions', 'datatypes', 'identifier', 'privileges']

/** More comparisons than any consent needs: a body with thousands of objects must not stop the process. */
const MAX_COMPARISONS = 10_000

/**
 * Whether `granted` is at least `needed`:
 *
 * - both have the same `type`;
 * - each member of `needed` is in `granted` and covered there: an object by one that covers each of its
 *   members; a list that is not empty by a list in which something covers each of its items; anything
 *   else by the same value, strings letter by letter;
 * - a bound (`locations`, `actions`, `datatypes`, `identifier`, `privileges`) that `granted` has is named
 *   by `needed`: a grant for one account is none for whatever account it is.
 *
 * It is reflexive for what has no empty list, transitive, and monotone: longer lists in `granted`, or
 * shorter ones in `needed`, never make a yes a no. Total: any value may be granted.
 */
export function coversDetail(granted: unknown, needed: AuthorizationDetail): boolean {
  if (!isRecord(granted) || typeof needed.type !== 'string') return false
  const isBounded = BOUNDS.every(
    (name) => !Object.hasOwn(granted, name) || Object.hasOwn(needed, name),
  )
  return isBounded && covers(granted, needed, { left: MAX_COMPARISONS })
}

interface Comparisons {
  left: number
}

function covers(granted: unknown, needed: unknown, comparisons: Comparisons): boolean {
  comparisons.left -= 1
  if (comparisons.left < 0) return false
  if (Array.isArray(needed)) {
    // An empty list asks for nothing, or, to many a handler, for everything.
    if (!Array.isArray(granted) || needed.length === 0) return false
    const items: readonly unknown[] = granted
    return needed.every((item) => items.some((other) => covers(other, item, comparisons)))
  }
  if (!isRecord(needed)) return granted === needed
  if (!isRecord(granted)) return false
  return Object.keys(needed).every(
    (name) => Object.hasOwn(granted, name) && covers(granted[name], needed[name], comparisons),
  )
}
