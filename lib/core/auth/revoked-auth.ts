/** One for all copies of this package in a process: the guard may be of another copy than the store. */
const KEY = Symbol.for('express-resource-server.revoked-auth')

const shared: typeof globalThis & { [KEY]?: WeakSet<object> } = globalThis
const revoked: WeakSet<object> = (shared[KEY] ??= new WeakSet())

/**
 * Notes that the token of this `Auth` was revoked, so that no answer of its issuer from before is
 * believed any longer. The denylist refuses it besides.
 */
export function noteRevoked(auth: object): void {
  revoked.add(auth)
}

export function isNotedRevoked(auth: object): boolean {
  return revoked.has(auth)
}
