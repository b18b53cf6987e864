import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { ReplayUnavailable, type ReplayStore } from '../../lib/index.js'
import { redisReplayStore } from '../../lib/redis.js'
import { startRedis, type RedisServer } from '../../tools/redis-server.js'
import { replayStoreContract } from '../contract/replay-store.js'

let server: RedisServer
let admin: Redis
let count = 0
const open: ReplayStore[] = []

beforeAll(async () => {
  server = await startRedis()
  admin = new Redis(server.url, { retryStrategy: () => 50 })
  admin.on('error', () => undefined)
})

afterAll(async () => {
  admin.disconnect()
  server.resume()
  await server.stop()
})

afterEach(() => {
  server.resume()
  for (const store of open.splice(0)) void store.close?.()
})

function opened(name = `proofs-${(count += 1)}`, deadlineMs = 500): ReplayStore {
  const made = redisReplayStore({ redis: server.url, name, deadlineMs })
  open.push(made)
  return made
}

const PROOF = { thumbprint: 'T'.repeat(43), proofId: 'p'.repeat(43), ttlMs: 60_000 }

describe('redisReplayStore', () => {
  replayStoreContract(async () => {
    const name = `proofs-${(count += 1)}`
    return {
      store: opened(name),
      another: opened(name),
      // Its own clock is the server's.
      later: async (ms) => {
        await sleep(ms)
      },
      end: () => undefined,
    }
  })

  it('writes one key of two digests, which ends with the proof (9449-22, 9449-23)', async () => {
    await opened('one').claim(PROOF)
    const keys = await admin.keys('one:*')
    expect(keys).toEqual([`one:${PROOF.thumbprint}:${PROOF.proofId}`])
    const left = await admin.pttl(keys[0]!)
    expect(left).toBeGreaterThan(55_000)
    expect(left).toBeLessThanOrEqual(60_000)
  })

  it('rejects within its deadline while Redis is silent, and answers again after it', async () => {
    const silent = opened('silent', 50)
    await silent.claim(PROOF)
    server.pause()
    const startedAt = performance.now()
    await expect(silent.claim({ ...PROOF, proofId: 'x' })).rejects.toBeInstanceOf(ReplayUnavailable)
    expect(performance.now() - startedAt).toBeLessThan(1000)
    server.resume()
  })

  it('names no address and no password in what it rejects with', async () => {
    const redis = 'redis://:hunter2@127.0.0.1:1/'
    const closed = redisReplayStore({ redis, deadlineMs: 50 })
    open.push(closed)
    const error: unknown = await Promise.resolve(closed.claim(PROOF)).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(ReplayUnavailable)
    expect(String(error)).not.toContain('hunter2')
  })

  it.each([
    [{ redis: 5 }, /"redis" must be/],
    [{ redis: 'redis://x', deadlineMs: 1 }, /"deadlineMs" must be a number from 10/],
    [{ redis: 'redis://x', prefix: 'a' }, /unknown option "prefix"/],
  ])('refuses %j at construction', (options, message) => {
    expect(() => redisReplayStore(options as never)).toThrow(message)
  })
})
