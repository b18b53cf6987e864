import { setTimeout as pause } from 'node:timers/promises'
import { redisRevocationStore } from '../../dist/redis.js'

/** Longer than the defaults, so that a busy machine is slow and not an outage. */
export const PATIENCE = { deadlineMs: 5000, revokeDeadlineMs: 10_000, stalenessBoundMs: 20_000 }
/** Twice ten million: while a table grows, what has moved counts twice. The default holds less than 5M. */
const MAX_REPLICA_ENTRIES = 20_000_000
const LOAD_DEADLINE_MS = 120_000

/** Resolves once the replica answers by itself. */
export async function openReplica(options) {
  const store = redisRevocationStore({
    mode: 'replicated',
    maxReplicaEntries: MAX_REPLICA_ENTRIES,
    ...options,
  })
  const deadline = performance.now() + LOAD_DEADLINE_MS
  while (store.status().state !== 'ready') {
    const { state, detail } = store.status()
    if (performance.now() > deadline) throw new Error(`The replica is ${state}: ${detail}`)
    await pause(1)
  }
  return store
}
