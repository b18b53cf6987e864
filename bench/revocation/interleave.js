import { setImmediate as turn } from 'node:timers/promises'
import { quantile, round } from '../quantile.js'

const WARM_UP_CYCLES = 15
const CYCLES = 25

/**
 * Measures a block of each subject in turn, over and over, so that whatever the machine does
 * meanwhile meets all of them. Returns the blocks of each.
 */
export async function interleave(subjects, measureBlock) {
  const blocks = subjects.map(() => [])
  const forwards = [...subjects.keys()]
  const backwards = forwards.toReversed()
  for (let cycle = -WARM_UP_CYCLES; cycle < CYCLES; cycle += 1) {
    for (const at of cycle % 2 === 0 ? forwards : backwards) {
      const block = await measureBlock(subjects[at])
      // Beats must get their turn, or a replica would have to ask Redis after a while.
      await turn()
      if (cycle >= 0) blocks[at].push(block)
    }
  }
  return blocks
}

/** CPU microseconds of this process since `before`, for each of so many checks. */
export function cpuMicrosSince(before, checks) {
  const { user, system } = process.cpuUsage(before)
  return round((user + system) / checks)
}

export function latencyOf(latencies) {
  return { p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) }
}

export function demand(verdict, revoked) {
  // A promise, where a replica had to ask Redis, says neither.
  if (verdict.revoked !== revoked) throw new Error('A check gave the wrong verdict')
}
