import type { Timer } from './clock.js'

/** Why a promise was given up. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded'
}

/**
 * Settles like `promise`, or rejects after `delayMs`. An answer that is already waiting in the
 * socket still counts: after a stall of the event loop the timer fires first, and only then is what
 * came meanwhile read.
 */
export function withDeadline<T>(promise: Promise<T>, delayMs: number, timer: Timer): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = timer.after(delayMs, () => {
      setImmediate(() => reject(new DeadlineExceeded(`No answer within ${delayMs} ms`)))
    })
    promise.then(
      (value) => {
        cancel()
        resolve(value)
      },
      (error: unknown) => {
        cancel()
        reject(error)
      },
    )
  })
}
