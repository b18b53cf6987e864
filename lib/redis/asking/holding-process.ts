let waiting = 0
let keeper: NodeJS.Timeout | undefined

/** Longer than any wait. */
const FOR_LONG_MS = 2 ** 30

/**
 * Keeps the process alive while somebody waits for an answer. Our sockets and timers do not, so that a
 * process may end without `close()`; but a script that waits for a revocation must not end before it.
 */
export async function holdingProcess<T>(answer: Promise<T>): Promise<T> {
  waiting += 1
  keeper ??= setInterval(() => undefined, FOR_LONG_MS)
  try {
    return await answer
  } finally {
    waiting -= 1
    if (waiting === 0) {
      clearInterval(keeper)
      keeper = undefined
    }
  }
}
