/**
 * How many slow pieces of cryptography are under way at once. Node's four other threads are for
 * files, names and compression as well, first come first served: a flood of ES384 or encrypted
 * tokens that took them all would hold up whatever else the app waits for, even the names of Redis
 * and of the issuer. Four busy threads also leave the event loop less of a small machine (p99 of its
 * delay under such a flood on one core: 30 to 50 ms with four, 10 with two).
 */
const MAX_AT_ONCE = 2

let running = 0
const waiting: (() => void)[] = []

/**
 * Begins work that other threads do, once there is room for it.
 *
 * @returns what `work` returns, or rejects as it does.
 */
export async function onOtherThread<T>(work: () => Promise<T>): Promise<T> {
  if (running === MAX_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
  else running += 1
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    // Whoever waits takes over this one's place.
    if (next === undefined) running -= 1
    else next()
  }
}
