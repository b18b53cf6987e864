/** Known to all copies of this package in a process: the guard may be of another copy than the store. */
export const GUARD_TOLERANCE: unique symbol = Symbol.for('express-resource-server.guard-tolerance')

/**
 * How far ahead of our clock the guard of a verified token takes one for issued, in seconds. Stores learn
 * it from the token that they are asked about, and no store or wrapper of an app must hand it on.
 * Undefined for what no guard has verified.
 */
export function guardTolerance(
  auth: object & { readonly [GUARD_TOLERANCE]?: number | undefined },
): number | undefined {
  return auth[GUARD_TOLERANCE]
}
