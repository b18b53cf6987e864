function refuse(): never {
  throw new TypeError('This set is read-only: it belongs to a verified token')
}

const REFUSED: PropertyDescriptor = { value: refuse }

/**
 * A set that cannot be changed any more. Verified tokens are remembered across requests: a handler
 * that added a scope to an ordinary set would grant it to every later request as well. No subclass,
 * so that test frameworks compare it like any other set.
 */
export function frozenSet<T>(values: Iterable<T>): ReadonlySet<T> {
  const set = new Set(values)
  // One by one: `defineProperties` takes three times as long, and each new token brings three sets.
  Object.defineProperty(set, 'add', REFUSED)
  Object.defineProperty(set, 'delete', REFUSED)
  Object.defineProperty(set, 'clear', REFUSED)
  return set
}
