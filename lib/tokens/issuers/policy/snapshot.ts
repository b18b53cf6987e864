/** Options nest less deeply; a value beyond is kept as it is. */
const MAX_DEPTH = 8

/**
 * Options as they are now, to be compared with what a later call returns: the app may change the
 * object in place. Functions and keys stay themselves, since nobody can tell what one holds.
 */
export function snapshot(value: unknown, depth = 0): unknown {
  // Node 20 takes any two URLs for equal.
  if (value instanceof URL) return value.href
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  if (depth === MAX_DEPTH || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => snapshot(item, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([name, member]) => [name, snapshot(member, depth + 1)]))
}
