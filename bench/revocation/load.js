import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { redisRevocationStore } from '../../dist/redis.js'
import { round } from '../quantile.js'
import { openReplica, PATIENCE } from './replica.js'

const SETTLE_MS = 50

/** The start of a replica: how long it takes, and what memory it has taken then. */
export async function measureLoad({ redisUrl }) {
  await connectOnce(redisUrl)
  const before = process.memoryUsage()
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await pause(SETTLE_MS)
  delay.reset()
  const start = performance.now()
  const store = await openReplica({ redis: redisUrl, ...PATIENCE })
  const loadMs = round(performance.now() - start)
  const longestStallMs = round(delay.max / 1e6)
  delay.disable()
  await collectGarbage()
  const after = process.memoryUsage()
  await store.close()
  return {
    loadMs,
    longestStallMs,
    tableBytes: after.arrayBuffers - before.arrayBuffers,
    rssBytes: after.rss,
  }
}

/** Compiles the code and fills pools, which is no part of loading. */
async function connectOnce(redisUrl) {
  const store = redisRevocationStore({ redis: redisUrl })
  await store.ready()
  await store.close()
  await collectGarbage()
}

/** Twice, because what tables leave behind is freed some time after it was found. */
async function collectGarbage() {
  globalThis.gc()
  await pause(SETTLE_MS)
  globalThis.gc()
}
