import type { Timer } from '../core/clock.js'
import type { Asker } from '../redis/asking/asker.js'
import { INSPECT, mayEvict, serverFactsOf, type ServerFacts } from '../redis/server-facts.js'

/** Whether a Redis keeps each used proof until it ends. */
export interface EvictionWatch {
  /**
   * Asks Redis, where it was not asked for a second, or not on this connection.
   *
   * @param key One of ours, on the node that is asked.
   * @param ttlMs For how long the proof that is claimed must be kept.
   * @returns why used proofs may be gone, where they may. It rejects where Redis does not answer.
   */
  inspect(key: string, ttlMs: number): Promise<string | undefined>
}

const KEPT = 'used proofs'
const INTERVAL_MS = 1000

export function createEvictionWatch(
  asker: Pick<Asker, 'ask' | 'connections'>,
  timer: Pick<Timer, 'now'>,
): EvictionWatch {
  let asking: Promise<void> | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  let askedOn = 0
  let mayStill: string | undefined
  let facts: ServerFacts | undefined
  let longestTtlMs = 0
  /** Until then a proof may be live that Redis has evicted. */
  let doubtfulUntil = Number.NEGATIVE_INFINITY

  async function ask(key: string): Promise<void> {
    const seen = serverFactsOf(await asker.ask({ script: INSPECT, keys: [key], args: [] }))
    const evicted = seen.runId === facts?.runId && seen.evictedKeys > facts.evictedKeys
    facts = seen
    askedAt = timer.now()
    askedOn = asker.connections
    mayStill = seen.evicts ? mayEvict(KEPT, seen) : undefined
    if (evicted) doubtfulUntil = askedAt + longestTtlMs
  }

  function isDue(): boolean {
    const isOld = timer.now() - askedAt >= INTERVAL_MS
    return isOld || mayStill !== undefined || askedOn !== asker.connections
  }

  return {
    async inspect(key, ttlMs) {
      longestTtlMs = Math.max(longestTtlMs, ttlMs)
      if (asking !== undefined || isDue()) {
        asking ??= ask(key).finally(() => (asking = undefined))
        await asking
      }
      if (mayStill !== undefined) return mayStill
      return timer.now() < doubtfulUntil
        ? 'Redis has evicted keys, and used proofs maybe'
        : undefined
    },
  }
}
