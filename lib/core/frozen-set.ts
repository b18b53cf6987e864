function refuse(): never {
  throw new TypeError('This set is read-only: it belongs to a verified token')
}

const REFUSED: PropertyDescriptor = { value: refuse }

/**
 * A set that cannot be changed any more. Verified tokens are remembered across requests: a handler
 * that added a scope to an ordinary set would grant it to every later request as well. No subclass,
 * so that test frameworks compare it like any other set.
 *
 * Each token gets its own, empty ones too: `Set.prototype.add.call(scopes, 'admin')` gets past what is
 * refused here, and must not make an admin of everybody whose token names the same.
 */
export function frozenSet(values: readonly string[]): ReadonlySet<string> {
  const set = new Set(values)
  // One by one: `defineProperties` takes three times as long.
  Object.defineProperty(set, 'add', REFUSED)
  Object.defineProperty(set, 'delete', REFUSED)
  Object.defineProperty(set, 'clear', REFUSED)
  return Object.freeze(set)
}
