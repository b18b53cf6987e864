/** One for all copies of this package in a process: the guard may be of another copy than the store. */
const KEY = Symbol.for('express-resource-server.guard-tolerance')

const shared: typeof globalThis & { [KEY]?: WeakMap<object, number> } = globalThis
const toleranceBeside: WeakMap<object, number> = (shared[KEY] ??= new WeakMap())

/**
 * Says beside a verified token how far ahead of our clock its guard takes one for issued. Stores learn
 * it from the token that they are asked about, and no store or wrapper of an app must hand it on.
 */
export function noteGuardTolerance(auth: object, seconds: number): void {
  toleranceBeside.set(auth, seconds)
}

/** Undefined for what no guard has verified. */
export function guardTolerance(auth: object): number | undefined {
  return toleranceBeside.get(auth)
}
