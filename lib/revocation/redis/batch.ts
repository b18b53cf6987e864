/** What one read has found. */
export interface Reading<C> {
  /** In the order asked; null for an absent key. */
  readonly values: readonly (string | null)[]
  /** What holds for all of them. */
  readonly context: C
}

/** A question that keys answer. Where a key is undefined there is nothing to ask. */
export interface Question {
  readonly list: readonly (string | undefined)[]
}

export interface BatchOptions<Q extends Question, C, T> {
  /** Keys that every read begins with. */
  readonly always: readonly string[]
  readonly read: (keys: readonly string[]) => Promise<Reading<C>>
  /** `records` are in the order of the question's keys, null where there is none. */
  readonly judge: (question: Q, records: readonly (string | null)[], context: C) => T
}

/** A read of this size keeps Redis busy for a fraction of a millisecond. */
const MAX_KEYS = 1000

/**
 * One read for all that is asked in one turn of the event loop. `setImmediate` runs after
 * everything the poll phase has delivered, so requests that arrived together are asked about
 * together; a key that several of them need is read once.
 *
 * @returns a function that asks in the next read.
 */
export function createBatcher<Q extends Question, C, T>(
  options: BatchOptions<Q, C, T>,
): (question: Q) => Promise<T> {
  const { always, read, judge } = options
  let open: Batch<Q, T> | undefined

  function flush(batch: Batch<Q, T>): void {
    if (open === batch) open = undefined
    read([...batch.places.keys()]).then(
      ({ values, context }) => {
        for (const { question, places, resolve, reject } of batch.waiters) {
          try {
            resolve(
              judge(
                question,
                places.map((place) => values[place] ?? null),
                context,
              ),
            )
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

  return (question) => {
    if (open === undefined || open.places.size >= MAX_KEYS) {
      const places = new Map(always.map((key, place) => [key, place]))
      const batch: Batch<Q, T> = { places, waiters: [] }
      open = batch
      setImmediate(() => flush(batch))
    }
    const { places, waiters } = open
    return new Promise((resolve, reject) => {
      waiters.push({ question, places: placesIn(places, question.list), resolve, reject })
    })
  }
}

interface Batch<Q, T> {
  /** Where in the read each key is. */
  readonly places: Map<string, number>
  readonly waiters: Waiter<Q, T>[]
}

interface Waiter<Q, T> {
  readonly question: Q
  readonly places: readonly number[]
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

const NOWHERE = -1

function placesIn(
  known: Map<string, number>,
  keys: readonly (string | undefined)[],
): readonly number[] {
  return keys.map((key) => {
    if (key === undefined) return NOWHERE
    const place = known.get(key)
    if (place !== undefined) return place
    known.set(key, known.size)
    return known.size - 1
  })
}
