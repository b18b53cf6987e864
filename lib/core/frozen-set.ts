const READ_ONLY = 'This set is read-only: it belongs to a verified token'

/**
 * A set that cannot be changed once made. Verified tokens are remembered across requests: a
 * handler that added a scope to an ordinary set would grant it to every later request as well.
 */
export class FrozenSet<T> extends Set<T> {
  constructor(values: Iterable<T>) {
    super()
    for (const value of values) super.add(value)
  }

  override add(_value: T): this {
    throw new TypeError(READ_ONLY)
  }

  override delete(_value: T): boolean {
    throw new TypeError(READ_ONLY)
  }

  override clear(): void {
    throw new TypeError(READ_ONLY)
  }
}

export const EMPTY_SET: ReadonlySet<string> = new FrozenSet<string>([])
