import { describe, expect, it } from '@jest/globals'
import { ENTRIES_PER_SUBJECT } from '../../../../lib/revocation/share.js'
import type { RedisRevocationStore } from '../../../../lib/redis.js'
import { createKeyNames } from '../../../../lib/revocation/redis/schema/key-names.js'
import { startRedis, type RedisServer } from '../../../../tools/redis-server.js'
import { RevocationUnavailable, type RevocationQuery } from '../../../../lib/revocation/store.js'
import { nowSeconds, outcome, token, untilState } from '../../../support/redis-store.js'
import { redisForEachTest } from '../../../support/redis-under-test.js'
import { until } from '../../../../tools/until.js'

const redis = redisForEachTest()
const keys = createKeyNames('revocations', false)
const ISSUER = 'https://id.test'
const COUNTER = keys.counter('session', ISSUER, 'user-1')

const session = (sessionId: string): { issuer: string; sessionId: string; subject: string } => ({
  issuer: ISSUER,
  sessionId,
  subject: 'user-1',
})

async function logged(): Promise<number> {
  return redis.admin.xlen(keys.log)
}

async function replicationOffset(): Promise<number> {
  const info = await redis.admin.info('replication')
  return Number(/master_repl_offset:(\d+)/.exec(info)?.[1])
}

async function startReplica(): Promise<RedisServer> {
  await redis.admin.config('SET', 'repl-diskless-sync-delay', 0)
  return startRedis(['--replicaof', `127.0.0.1 ${redis.port}`])
}

/** A store that answers from its memory. */
async function replicated(): Promise<RedisRevocationStore> {
  const store = await redis.readyStore({ mode: 'replicated' })
  await untilState(store, 'ready')
  return store
}

/** After any floor. */
const afterAnyFloor = (): RevocationQuery =>
  token({ issuedAt: nowSeconds() + 10, expiresAt: nowSeconds() + 100 })

/** As somebody left it who has used up the share. */
async function useUpShare(): Promise<void> {
  await redis.admin.set(COUNTER, ENTRIES_PER_SUBJECT, 'EX', 1000)
}

describe('one revocation again and again', () => {
  it('adds nothing to the log and the sequence', async () => {
    const store = await redis.readyStore()
    await store.revokeSession(session('session-1'))
    const before = [await redis.admin.get(keys.sequence), await redis.admin.dbsize()]
    await Promise.all(Array.from({ length: 500 }, () => store.revokeSession(session('session-1'))))
    expect([await redis.admin.get(keys.sequence), await redis.admin.dbsize()]).toEqual(before)
    expect(await logged()).toBe(1)
  })

  it('neither shortens nor prolongs its life', async () => {
    const store = await redis.readyStore()
    const key = keys.entry('session', ISSUER, 'session-1')
    await store.revokeSession(session('session-1'))
    const forgetAt = await redis.admin.pexpiretime(key)
    for (let i = 0; i < 200; i += 1) await store.revokeSession(session('session-1'))
    expect(await redis.admin.pexpiretime(key)).toBe(forgetAt)
    const [, entry] = (await redis.admin.xrange(keys.log, '-', '+'))[0]!
    expect(Number(entry.at(-1))).toBe(forgetAt)
  })

  it('is written each time, so that there is something to wait for', async () => {
    // Redis counts only what it has a replica for.
    const replica = await startReplica()
    const store = await redis.readyStore()
    await store.revokeToken(token())
    await until(async () => expect(await replicationOffset()).toBeGreaterThan(0))
    const before = await replicationOffset()
    const { sequence } = await store.revokeToken(token())
    expect(await replicationOffset()).toBeGreaterThan(before)
    expect(sequence).toBe(1)
    await redis.stores.close()
    await replica.stop()
  })

  it('is not confirmed by a replica that does not have it', async () => {
    const store = await redis.readyStore()
    await store.revokeToken(token())
    const replica = await startReplica()
    const waiting = redis.stores.open({
      redis: redis.url,
      minReplicas: 1,
      revokeDeadlineMs: 500,
      stalenessBoundMs: 20_000,
    })
    await waiting.ready()
    // A replica on a busy machine may take longer than the deadline at first.
    await until(() => waiting.revokeToken(token()))
    replica.pause()
    await expect(waiting.revokeToken(token())).rejects.toThrow(/0 of 1 replicas/)
    replica.resume()
    await redis.stores.close()
    await replica.stop()
  })
})

describe('the count of one user', () => {
  it('is kept for as long as a session must be remembered, and counts new ones only', async () => {
    const store = await redis.readyStore({ sessionLifetimeSeconds: 7200 })
    await store.revokeSession(session('session-1'))
    await store.revokeSession(session('session-1'))
    await store.revokeSession(session('session-2'))
    expect(await redis.admin.get(COUNTER)).toBe('2')
    const left = await redis.admin.ttl(COUNTER)
    expect(left).toBeGreaterThan(7200 + 2_592_000)
    expect(left).toBeLessThan(1.02 * (7200 + 2_592_000))
  })

  it('does not live on because more is counted', async () => {
    const store = await redis.readyStore()
    await store.revokeSession(session('session-1'))
    await redis.admin.expire(COUNTER, 100)
    await store.revokeSession(session('session-2'))
    expect(await redis.admin.ttl(COUNTER)).toBeLessThanOrEqual(100)
  })

  it('is not shared by users, kinds or issuers', () => {
    const all = [
      COUNTER,
      keys.counter('token', ISSUER, 'user-1'),
      keys.counter('session', ISSUER, 'user-2'),
      keys.counter('session', 'https://other.test', 'user-1'),
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  it('hashes what it names, where ids are kept out of Redis', async () => {
    const store = await redis.readyStore({ hashIds: true })
    await store.revokeSession(session('session-1'))
    expect((await redis.admin.keys('*')).join()).not.toContain('user-1')
  })

  it.each([
    ['that was deleted', () => redis.admin.del(COUNTER)],
    ['that is no number', () => redis.admin.set(COUNTER, 'many')],
    ['below zero', () => redis.admin.set(COUNTER, '-7')],
  ])('stops no revocation where it is one %s', async (_name, spoil) => {
    const store = await redis.readyStore()
    await store.revokeSession(session('session-1'))
    await spoil()
    await store.revokeSession(session('session-2'))
    expect(await outcome(store, token({ sessionId: 'session-2' }))).toBe('session')
  })

  it('of another type is refused before anything is written', async () => {
    const store = await redis.readyStore()
    await redis.admin.hset(COUNTER, 'a', 1)
    await expect(store.revokeSession(session('session-1'))).rejects.toThrow(/WRONGTYPE/)
    expect(await redis.admin.get(keys.sequence)).toBe('0')
    expect(await logged()).toBe(0)
  })
})

describe('a user who has used up their share', () => {
  it('adds one mark to the log, however often they log in and out within a second', async () => {
    const second = Math.floor(Date.now() / 1000)
    const store = await redis.readyStore({ clock: () => second })
    await useUpShare()
    await Promise.all(
      Array.from({ length: 300 }, (_, index) => store.revokeSession(session(`again-${index}`))),
    )
    expect(await logged()).toBe(1)
    expect(await redis.admin.get(COUNTER)).toBe(String(ENTRIES_PER_SUBJECT))
    expect(await redis.admin.keys('{revocations}:d:*')).toEqual([])
  })

  it.each(['the process that revoked', 'another one', 'one that starts later'])(
    'is judged alike by a replica in %s',
    async (which) => {
      const revoker = await replicated()
      const other = await replicated()
      await useUpShare()
      const { notBefore = 0 } = await revoker.revokeSession(session('session-1'))
      const judge =
        which === 'another one'
          ? other
          : which === 'the process that revoked'
            ? revoker
            : await replicated()
      await until(() => expect(judge.check(token())).toEqual({ revoked: true, by: 'subject' }))
      const next = token({ issuedAt: notBefore + 1, expiresAt: notBefore + 100 })
      expect(judge.check(next)).toEqual({ revoked: false })
    },
  )

  it('is remembered by a process that could not store it', async () => {
    const store = await redis.readyStore({ mode: 'replicated', stalenessBoundMs: 20_000 })
    await untilState(store, 'ready')
    redis.pause()
    await expect(store.revokeSession(session('session-1'))).rejects.toThrow(/not stored/)
    expect(store.check(token())).toEqual({ revoked: true, by: 'session' })
  })

  it('gets no mark where the data are not those that are known', async () => {
    const store = await redis.readyStore({ onDataLoss: 'refuse' })
    await useUpShare()
    await redis.admin.set(keys.sequence, '-1')
    await expect(store.revokeSession(session('session-1'))).rejects.toThrow(RevocationUnavailable)
    expect(await redis.admin.keys('{revocations}:s:*')).toEqual([])
  })
})

describe('one revocation again, in data of which something was lost', () => {
  it.each([
    ['the log', [keys.log]],
    ['lineage, sequence and log', [keys.lineage, keys.sequence, keys.log]],
  ])('reaches replicas, which have only the new log: without %s', async (_name, lost) => {
    const before = await redis.readyStore()
    await before.revokeSession(session('session-1'))
    await redis.stores.close()
    await redis.admin.del(lost)
    const store = await redis.readyStore()
    await store.revokeSession(session('session-2'))
    await store.revokeSession(session('session-1'))
    const replica = await replicated()
    await until(() =>
      expect(replica.check(afterAnyFloor())).toEqual({ revoked: true, by: 'session' }),
    )
  })

  it.each([
    ['the log with the rest', [keys.lineage, keys.sequence, keys.log], 1],
    ['all but the log', [keys.lineage, keys.sequence], 3],
  ])('is logged once, and no more: without %s', async (_name, lost, length) => {
    const before = await redis.readyStore()
    await before.revokeSession(session('session-1'))
    await before.revokeSession(session('session-2'))
    await redis.stores.close()
    await redis.admin.del(lost)
    const store = await redis.readyStore()
    for (let i = 0; i < 20; i += 1) await store.revokeSession(session('session-1'))
    expect(await logged()).toBe(length)
  })

  it('is not confirmed by the entry alone while nobody has noticed that the log is gone', async () => {
    const store = await redis.readyStore({ stalenessBoundMs: 20_000 })
    await store.revokeSession(session('session-1'))
    await redis.admin.del(keys.log)
    await store.revokeSession(session('session-2'))
    await store.revokeSession(session('session-1'))
    const names = (await redis.admin.xrange(keys.log, '-', '+')).map(([, fields]) => fields[3])
    expect(names).toContainEqual(expect.stringMatching(/session-1$/))
  })
})
