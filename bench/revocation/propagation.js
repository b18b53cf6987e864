import { redisRevocationStore } from '../../dist/redis.js'
import { startRedis } from '../../tools/redis-server.ts'
import { startWorker } from '../processes.js'
import { quantile } from '../quantile.js'
import { ISSUER, openFilling } from './fill.js'
import { PATIENCE } from './replica.js'
import { nowMicros } from './watch.js'

const SIZE = 100_000
const ROUNDS = 500
const WARM_UP_ROUNDS = 50

/** How long a revocation takes to reach the last of so many processes. */
export async function measurePropagation(counts) {
  const redis = await startRedis()
  const filling = await openFilling(redis.url, SIZE)
  const store = redisRevocationStore({ redis: redis.url, ...PATIENCE })
  try {
    await filling.fill()
    await store.ready()
    await filling.compareWith(store)
    const results = []
    for (const processes of counts) {
      results.push({ processes, size: SIZE, ...(await reach(store, redis.url, processes)) })
    }
    return results
  } finally {
    filling.close()
    await store.close()
    await redis.stop()
  }
}

async function reach(store, redisUrl, processes) {
  const watchers = await Promise.all(
    Array.from({ length: processes }, () => startWorker('revocation-worker.js')),
  )
  try {
    await Promise.all(watchers.map((watcher) => watcher.order({ task: 'open', redisUrl })))
    const rounds = []
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
      const times = await revokeOnce(store, watchers)
      if (round >= 0) rounds.push(times)
    }
    const spread = (since) => {
      const delays = rounds.map((times) => (times.seenAt - times[since]) / 1000)
      return { p50Ms: quantile(delays, 0.5), p99Ms: quantile(delays, 0.99) }
    }
    return { fromCall: spread('calledAt'), fromResolved: spread('resolvedAt') }
  } finally {
    for (const watcher of watchers) watcher.stop()
  }
}

async function revokeOnce(store, watchers) {
  const tokenId = crypto.randomUUID()
  await Promise.all(watchers.map((watcher) => watcher.order({ task: 'watch', tokenId })))
  const sightings = Promise.all(watchers.map((watcher) => watcher.ask()))
  const calledAt = nowMicros()
  await store.revokeToken({ issuer: ISSUER, tokenId, expiresAt: Date.now() / 1000 + 3600 })
  const resolvedAt = nowMicros()
  const seen = await sightings
  return { calledAt, resolvedAt, seenAt: Math.max(...seen.map(({ seenAt }) => seenAt)) }
}
