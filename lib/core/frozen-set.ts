function refuse(): never {
  throw new TypeError('This set is read-only: it belongs to a verified token')
}

const READ_ONLY: PropertyDescriptorMap = {
  add: { value: refuse },
  delete: { value: refuse },
  clear: { value: refuse },
}

/**
 * A set that cannot be changed any more. Verified tokens are remembered across requests: a handler
 * that added a scope to an ordinary set would grant it to every later request as well. No subclass,
 * so that test frameworks compare it like any other set.
 */
export function frozenSet<T>(values: Iterable<T>): ReadonlySet<T> {
  return Object.defineProperties(new Set(values), READ_ONLY)
}
