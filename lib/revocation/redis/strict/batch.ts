/** What one read has found. */
export interface Reading<C> {
  /** In the order asked; null for an absent key. */
  readonly values: readonly (string | null)[]
  /** What holds for all of them. */
  readonly context: C
}

/** A question that keys answer. */
export interface Question {
  /** Keys unique to this question; not de-duplicated. */
  readonly own: readonly string[]
  /** Keys that many questions have in common, as one and the same list where they can. */
  readonly shared: readonly string[]
}

/** A key that is there, and what it holds. */
export type Found = readonly [key: string, record: string]

export interface BatchOptions<Q extends Question, C, T> {
  /** Keys that every read begins with. */
  readonly always: readonly string[]
  readonly read: (keys: readonly string[]) => Promise<Reading<C>>
  /** `found`: those of the question's keys that are there. */
  readonly judge: (question: Q, found: readonly Found[], context: C) => T | Promise<T>
  /** Monotonic time in ms. */
  readonly now: () => number
}

/** A read of this size keeps Redis busy for a fraction of a millisecond. */
const MAX_KEYS = 1000

/** The longest a question waits for others; it may overrun by one turn of the event loop. */
const PATIENCE_MS = 1

/**
 * One read for all that is asked in one turn of the event loop. `setImmediate` runs after
 * everything the poll phase has delivered, so requests that arrived together are asked about
 * together. A question that is asked several times is read once, and so is a key that is shared.
 *
 * While more keep coming, they are waited for, because a read has a cost whatever its size. A lone
 * question never waits.
 *
 * @returns a function that asks in the next read.
 */
export function createBatcher<Q extends Question, C, T>(
  options: BatchOptions<Q, C, T>,
): (question: Q) => Promise<T> {
  const { always, read, judge, now } = options
  let open: Batch<Q, T> | undefined

  function flush(batch: Batch<Q, T>): void {
    if (open === batch) open = undefined
    read(batch.keys).then(
      ({ values, context }) => {
        for (const { question, resolve, reject } of batch.waiters) {
          try {
            resolve(judge(question, batch.found(question, values), context))
          } catch (error) {
            reject(error)
          }
        }
      },
      (error: unknown) => {
        for (const { reject } of batch.waiters) reject(error)
      },
    )
  }

  function flushOnceQuiet(batch: Batch<Q, T>, openedAt: number, before = 1): void {
    setImmediate(() => {
      const { length } = batch.waiters
      const wait = batch === open && length > before && now() - openedAt < PATIENCE_MS
      if (wait) flushOnceQuiet(batch, openedAt, length)
      else flush(batch)
    })
  }

  return (question) => {
    if (open === undefined || open.keys.length >= MAX_KEYS) {
      open = new Batch<Q, T>(always)
      flushOnceQuiet(open, now())
    }
    return open.add(question)
  }
}

interface Waiter<Q, T> {
  readonly question: Q
  readonly resolve: (value: T | Promise<T>) => void
  readonly reject: (error: unknown) => void
}

class Batch<Q extends Question, T> {
  readonly keys: string[]
  readonly waiters: Waiter<Q, T>[] = []
  /** Where in `keys` the own keys of a question begin. */
  readonly #places = new Map<Q, number>()
  /** Where in `keys` each key of a shared list is. */
  readonly #shared = new Map<readonly string[], readonly number[]>()
  readonly #sharedKeys = new Map<string, number>()

  constructor(always: readonly string[]) {
    this.keys = [...always]
  }

  add(question: Q): Promise<T> {
    const { keys } = this
    if (!this.#places.has(question)) {
      this.#places.set(question, keys.length)
      for (const key of question.own) keys.push(key)
    }
    const { shared } = question
    if (!this.#shared.has(shared)) {
      this.#shared.set(
        shared,
        shared.map((key) => this.#placeOfShared(key)),
      )
    }
    return new Promise((resolve, reject) => {
      this.waiters.push({ question, resolve, reject })
    })
  }

  found(question: Q, values: readonly (string | null)[]): readonly Found[] {
    const found: Found[] = []
    let place = this.#places.get(question)!
    for (const key of question.own) {
      const record = values[place] ?? null
      if (record !== null) found.push([key, record])
      place += 1
    }
    for (const sharedPlace of this.#shared.get(question.shared)!) {
      const record = values[sharedPlace] ?? null
      if (record !== null) found.push([this.keys[sharedPlace]!, record])
    }
    return found
  }

  #placeOfShared(key: string): number {
    const known = this.#sharedKeys.get(key)
    if (known !== undefined) return known
    this.#sharedKeys.set(key, this.keys.length)
    return this.keys.push(key) - 1
  }
}
