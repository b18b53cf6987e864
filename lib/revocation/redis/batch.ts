/** What one read has found. */
export interface Reading<C> {
  /** In the order asked; null for an absent key. */
  readonly values: readonly (string | null)[]
  /** What holds for all of them. */
  readonly context: C
}

export type LookUp = (key: string) => string | null

export type Judge<C, T> = (lookUp: LookUp, context: C) => T

export interface Batcher<C, T> {
  /** Asks for keys in the next read, and judges what it finds. */
  add(keys: readonly string[], judge: Judge<C, T>): Promise<T>
}

/** A read of this size keeps Redis busy for a fraction of a millisecond. */
const MAX_KEYS = 1000

/**
 * One read for all that was asked for in one turn of the event loop. `setImmediate` runs after
 * everything the poll phase has delivered, so requests that arrived together are asked about
 * together; a key that several of them need is read once.
 */
export function createBatcher<C, T>(
  read: (keys: readonly string[]) => Promise<Reading<C>>,
): Batcher<C, T> {
  let open: Batch<C, T> | undefined

  function flush(batch: Batch<C, T>): void {
    if (open === batch) open = undefined
    read([...batch.indexes.keys()]).then(
      ({ values, context }) => {
        const lookUp: LookUp = (key) => values[batch.indexes.get(key)!] ?? null
        for (const waiter of batch.waiters) answer(waiter, lookUp, context)
      },
      (error: unknown) => {
        for (const { reject } of batch.waiters) reject(error)
      },
    )
  }

  return {
    add(keys, judge) {
      if (open === undefined || open.indexes.size >= MAX_KEYS) {
        const batch: Batch<C, T> = { indexes: new Map(), waiters: [] }
        open = batch
        setImmediate(() => flush(batch))
      }
      const { indexes, waiters } = open
      for (const key of keys) if (!indexes.has(key)) indexes.set(key, indexes.size)
      return new Promise((resolve, reject) => void waiters.push({ judge, resolve, reject }))
    },
  }
}

interface Batch<C, T> {
  readonly indexes: Map<string, number>
  readonly waiters: Waiter<C, T>[]
}

interface Waiter<C, T> {
  readonly judge: Judge<C, T>
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

function answer<C, T>(waiter: Waiter<C, T>, lookUp: LookUp, context: C): void {
  try {
    waiter.resolve(waiter.judge(lookUp, context))
  } catch (error) {
    waiter.reject(error)
  }
}
