import type { Timer } from '../../core/clock.js'
import { withDeadline } from '../../core/deadline.js'
import { printable, type Events } from '../../core/events/events.js'
import { messageOf } from '../../core/values.js'

/** As much of an ioredis client as counting needs. The app keeps it, and may use it for more. */
export interface RateLimitRedis {
  call(command: string, ...args: string[]): Promise<unknown>
}

export interface SharedScriptOptions {
  readonly redis: RateLimitRedis
  /** Named in events. */
  readonly limiter: string
  readonly timer: Timer
  readonly events: Pick<Events, 'emit'>
}

/** A script over one key. Its answer is read by `read`, which throws for what it does not know. */
export interface SharedCall<T> {
  readonly script: string
  readonly key: string
  readonly args: readonly (string | number)[]
  readonly read: (answer: unknown) => T
  /** Told of an answer that came when nobody waited for it any more. */
  readonly late?: (answer: T) => void
  /** Asks also a Redis that is left alone: it has just answered, if late. */
  readonly anyway?: boolean
}

/** Undefined where Redis does not answer; never rejects. */
export type SharedScript = <T>(call: SharedCall<T>) => Promise<T | undefined>

/** An attempt that waits for a slow Redis would be slower than a guess deserves. */
const DEADLINE_MS = 100
/** How long to leave a Redis alone that failed to answer. */
const RETRY_MS = 1000

/**
 * Asks a Redis that counts for all processes. While it does not answer, it is asked once a second,
 * and processes count for themselves: a login page that answers 500 in an outage helps nobody, and
 * one without limits helps the wrong people.
 */
export function createSharedScript(options: SharedScriptOptions): SharedScript {
  const { redis, limiter, timer, events } = options
  let degraded = false
  let retryAt = Number.NEGATIVE_INFINITY

  async function evaluate<T>({ script, key, args, read, late }: SharedCall<T>): Promise<T> {
    const answer = redis.call('EVAL', script, '1', key, ...args.map(String)).then(read)
    try {
      return await withDeadline(answer, DEADLINE_MS, timer)
    } catch (error) {
      answer.then(late, () => undefined)
      throw error
    }
  }

  return async (call) => {
    if (degraded && call.anyway !== true) {
      if (timer.now() < retryAt) return undefined
      // Set before asking, so that one request is the probe and no other waits with it.
      retryAt = timer.now() + RETRY_MS
    }
    try {
      const answer = await evaluate(call)
      if (degraded) events.emit({ name: 'ratelimit.recovered', limiter })
      degraded = false
      return answer
    } catch (error) {
      retryAt = timer.now() + RETRY_MS
      if (!degraded) {
        const detail = printable(messageOf(error), 400)
        events.emit({ name: 'ratelimit.degraded', limiter, detail })
      }
      degraded = true
      return undefined
    }
  }
}

/** The numbers of an answer. The first is a count that includes the caller, so it is above 0. */
export function countsIn(answer: unknown, length: number): readonly number[] {
  const counts = Array.isArray(answer) ? answer.slice(0, length).map(Number) : []
  const [first = 0] = counts
  if (counts.length === length && first > 0 && counts.every((count) => count >= 0)) return counts
  throw new TypeError('Redis did not answer with a count')
}
