import type { KeyObject } from 'node:crypto'
import { systemTimer } from '../../core/clock.js'
import { AuthError } from '../../core/verdicts/errors.js'
import { Places } from '../../core/queue/places.js'
import { attempt } from '../../core/verdicts/outcome.js'
import type { Sender } from '../../core/queue/sender.js'

/** What Node takes where the app does not say (`UV_THREADPOOL_SIZE`). */
const DEFAULT_THREADS = 4

/**
 * How many slow pieces of cryptography this process has under way at once: half of Node's other
 * threads. They are for files, names and compression as well, first come first served. A flood of ES384
 * or encrypted tokens that took them all would hold up whatever else the app waits for, even the names
 * of Redis and of the issuer. It would take the processor from the event loop, too.
 *
 * The price: a busy event loop hands over the next check late. Apps with many of these tokens and many
 * cores raise `UV_THREADPOOL_SIZE` (docs/performance.md).
 */
const MAX_AT_ONCE = Math.max(
  1,
  Math.floor((Number(process.env['UV_THREADPOOL_SIZE']) || DEFAULT_THREADS) / 2),
)

const threads = new Places({
  count: MAX_AT_ONCE,
  timer: systemTimer,
  reason: 'overloaded',
  purpose: 'thread for slow cryptography',
})

/** How often the checks by a key have failed since the last that did not. */
const failuresInARow = new WeakMap<KeyObject, number>()
/** A key by which nothing but forgeries comes goes last, so that it does not hold up the others. */
const MAX_FAILURES_IN_A_ROW = 8

/** One slow check, by which key and for whom. */
export interface SlowCheck<T> {
  readonly key: KeyObject
  readonly sender: Sender
  /** Has failed where it says false, or rejects. */
  readonly check: () => Promise<T>
}

/**
 * Begins a check that other threads do, once there is room for it: by network in turn, and within
 * that those last whose key has verified nothing for a while.
 *
 * @returns what `check` returns, or rejects as it does.
 * The refusal is `temporarily_unavailable` where it would wait too long, or its sender has gone.
 */
export async function withCryptoSlot<T>({
  key,
  sender,
  check,
}: SlowCheck<T>): Promise<T | AuthError> {
  const last = (failuresInARow.get(key) ?? 0) >= MAX_FAILURES_IN_A_ROW
  const counted = async (): Promise<{ readonly outcome: T }> => {
    let failed = true
    try {
      const outcome = await check()
      failed = outcome === false
      return { outcome }
    } finally {
      failuresInARow.set(key, failed ? (failuresInARow.get(key) ?? 0) + 1 : 0)
    }
  }
  const done = await attempt(() => threads.run(counted, sender, { last }))
  if (done instanceof AuthError) return done
  // Nothing makes a check needless, so it was done.
  return done!.outcome
}
