/** What Node takes where the app does not say (`UV_THREADPOOL_SIZE`). */
const DEFAULT_THREADS = 4

/**
 * How many slow pieces of cryptography this process has under way at once: half of Node's other
 * threads. They are for files, names and compression as well, first come first served: a flood of
 * ES384 or encrypted tokens that took them all would hold up whatever else the app waits for, even the
 * names of Redis and of the issuer. They would also take the processor from the event loop (p99 of
 * its delay under such a flood, on one core, Node 24: 30 to 50 ms with four, 10 with two).
 *
 * The price: a busy loop hands over the next one late. With turns of 5 ms, 200 ES384 signatures take
 * 0.7 s in place of 0.4. Who has many such tokens and cores raises `UV_THREADPOOL_SIZE`.
 */
const MAX_AT_ONCE = Math.max(
  1,
  Math.floor((Number(process.env['UV_THREADPOOL_SIZE']) || DEFAULT_THREADS) / 2),
)

let running = 0
/** In the order of their coming. A Set, because taking the first from a long list costs by its length. */
const waiting = new Set<() => void>()

/**
 * Begins work that other threads do, once there is room for it.
 *
 * @returns what `work` returns, or rejects as it does.
 */
export async function onOtherThread<T>(work: () => Promise<T>): Promise<T> {
  if (running === MAX_AT_ONCE) await new Promise<void>((resolve) => waiting.add(resolve))
  else running += 1
  try {
    return await work()
  } finally {
    const [next] = waiting
    // Whoever waits takes over this one's place.
    if (next === undefined) running -= 1
    else {
      waiting.delete(next)
      next()
    }
  }
}
