import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { ReplayUnavailable, type ReplayStore } from '../../lib/index.js'
import { redisReplayStore, type RedisReplayStoreOptions } from '../../lib/redis.js'
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

function opened(
  name = `proofs-${(count += 1)}`,
  options: Partial<RedisReplayStoreOptions> = {},
): ReplayStore {
  const made = redisReplayStore({ redis: server.url, name, ...options })
  open.push(made)
  return made
}

const page = await readFile('docs/reference/proofs.md', 'utf8')
const [, ACL_COMMANDS = ''] = /`(\+eval [^`]*)`/.exec(page) ?? []
const PROOF = { thumbprint: 'T'.repeat(43), proofId: 'p'.repeat(43), ttlMs: 60_000 }

describe('redisReplayStore', () => {
  replayStoreContract(async (options) => {
    const name = `proofs-${(count += 1)}`
    return {
      store: opened(name, options),
      another: opened(name, options),
      // Its own clock is the server's.
      later: async (ms) => {
        await sleep(ms)
      },
      end: () => undefined,
    }
  })

  it('keeps the proofs of a key in one set, which ends with the last of them (9449-22, 9449-23)', async () => {
    const store = opened('one')
    await store.claim(PROOF)
    await store.claim({ ...PROOF, proofId: 'q'.repeat(43), ttlMs: 1000 })
    const keys = await admin.keys('one:*')
    expect(keys).toEqual([`one:${PROOF.thumbprint}`])
    expect(await admin.zrange(keys[0]!, '0', '-1')).toEqual(['q'.repeat(43), PROOF.proofId])
    const left = await admin.pttl(keys[0]!)
    expect(left).toBeGreaterThan(55_000)
    expect(left).toBeLessThanOrEqual(60_000)
  })

  it('takes about 150 bytes a proof', async () => {
    const store = opened('weighed')
    const claims = Array.from({ length: 1000 }, async (_, at) =>
      store.claim({ ...PROOF, proofId: `${at}`.padStart(43, 'p') }),
    )
    await Promise.all(claims)
    const bytes = Number(await admin.call('memory', 'usage', `weighed:${PROOF.thumbprint}`))
    expect(bytes / 1000).toBeLessThan(170)
  })

  it('rejects within its deadline while Redis is silent, and answers again after it', async () => {
    const silent = opened('silent', { deadlineMs: 50 })
    await silent.claim(PROOF)
    server.pause()
    const startedAt = performance.now()
    await expect(silent.claim({ ...PROOF, proofId: 'x' })).rejects.toBeInstanceOf(ReplayUnavailable)
    expect(performance.now() - startedAt).toBeLessThan(1000)
    server.resume()
  })

  it('needs the commands of its documentation, and names them where one is denied', async () => {
    const redis = server.url.replace('redis://', 'redis://api:secret@')
    const rights = ['on', '>secret', '~proofs:*', ...ACL_COMMANDS.split(' ')]
    await admin.call('acl', 'setuser', 'api', 'reset', ...rights)
    const store = redisReplayStore({ redis })
    open.push(store)
    expect(await store.claim(PROOF)).toBe(true)
    await admin.call('acl', 'setuser', 'api', '-zadd')
    await expect(store.claim({ ...PROOF, proofId: 'x' })).rejects.toThrow(
      `Allow ${ACL_COMMANDS} on its keys`,
    )
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
    [{ redis: 'redis://x', maxPerKey: 0 }, /"maxPerKey" must be a whole number from 1/],
    [{ redis: 'redis://x', prefix: 'a' }, /unknown option "prefix"/],
  ])('refuses %j at construction', (options, message) => {
    expect(() => redisReplayStore(options as never)).toThrow(message)
  })
})
