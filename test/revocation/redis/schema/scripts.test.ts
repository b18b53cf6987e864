import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { runScript, type ScriptArgument } from '../../../../lib/redis/scripts.js'
import type { RedisClient } from '../../../../lib/redis/source/client.js'
import { createKeyNames } from '../../../../lib/revocation/redis/schema/key-names.js'
import { parseLineage, type Lineage } from '../../../../lib/revocation/redis/schema/lineage.js'
import {
  ADOPT,
  BEAT,
  BEAT_FOR_REDIS_6,
  PROVING_WRITE,
} from '../../../../lib/revocation/redis/schema/scripts.js'
import { DEAD_PORT } from '../../../../tools/redis-server.js'
import { redisForAllTests } from '../../../support/redis-under-test.js'

const redis = redisForAllTests()
const keys = createKeyNames('revocations', false)
const DATA = [keys.lineage, keys.sequence, keys.log]
const RECORD = 'v1:1000000:first:-:0:0'

const client = (): RedisClient => redis.admin
const log = (n: number): Promise<string | null> => redis.admin.xadd(keys.log, '*', 'n', n)

beforeEach(async () => {
  await redis.admin.mset(keys.lineage, RECORD, keys.sequence, 2)
  await log(1)
  await log(2)
})
afterEach(async () => {
  await redis.admin.replicaof('NO', 'ONE')
  await redis.admin.config('SET', 'maxmemory', 0)
  await redis.admin.flushall()
})

describe.each([
  ['of today', BEAT],
  ['for Redis 6', BEAT_FOR_REDIS_6],
])('a beat %s', (_name, script) => {
  const beat = (witness = '', replicas = 0): Promise<unknown> =>
    runScript(client(), script, [...DATA, keys.heartbeat], [witness, replicas])

  it('reads lineage, sequence and log, the time of the server, and how many replicas follow', async () => {
    const [last] = (await redis.admin.xrevrange(keys.log, '+', '-', 'COUNT', 1))[0]!
    const before = Number((await redis.admin.time())[0]) * 1000
    const [lineage, sequence, witnessed, lastEntry, added, time, replicas] = (await beat(
      last,
      1,
    )) as unknown[]
    expect([lineage, sequence, witnessed, lastEntry, added]).toEqual([RECORD, '2', 1, last, 2])
    expect(Number(time)).toBeGreaterThanOrEqual(before)
    expect(Number(time)).toBeLessThan(before + 60_000)
    expect(replicas).toBe(0)
  })

  it('finds nothing in an empty database, and leaves it empty', async () => {
    await redis.admin.flushall()
    expect(await beat()).toEqual(['', '', -1, '', 0, expect.any(String), 0])
    expect(await redis.admin.dbsize()).toBe(0)
  })

  it.each([
    ['an entry that is gone', () => redis.admin.xdel(keys.log, '5-5')],
    ['a log that is gone', () => redis.admin.del(keys.log)],
  ])('misses %s', async (_gone, lose) => {
    await lose()
    expect(((await beat('5-5')) as unknown[])[2]).toBe(0)
  })

  it('is answered where the memory is full', async () => {
    await redis.admin.config('SET', 'maxmemory', 1)
    expect(await beat()).toHaveLength(7)
  })
})

describe('a proof that a server takes writes', () => {
  const [beat, ask] = [
    () => runScript(client(), BEAT, [...DATA, keys.heartbeat], ['', 0]),
    () => client().call(PROVING_WRITE, [keys.heartbeat]),
  ]

  it.each([
    ['the beat', beat],
    ['the command ahead of a beat for Redis 6', ask],
  ])('is not given by a replica: %s', async (_name, prove) => {
    await redis.admin.replicaof('127.0.0.1', DEAD_PORT)
    await expect(prove()).rejects.toThrow(/READONLY/)
  })

  it('is given where the memory is full, and writes nothing', async () => {
    await redis.admin.config('SET', 'maxmemory', 1)
    expect(await ask()).toBe(0)
    expect(await redis.admin.exists(keys.heartbeat)).toBe(0)
  })
})

async function adopt(...args: ScriptArgument[]): Promise<unknown> {
  return runScript(client(), ADOPT, DATA, args)
}
async function present(): Promise<Lineage> {
  return parseLineage((await redis.admin.get(keys.lineage))!)!
}

describe('a new lineage', () => {
  const AHEAD_MS = Date.now() + 3_600_000
  it('takes the place of the one that is expected alone', async () => {
    expect(await adopt('v1:1:another:-:0:0', 'nonce', '-', AHEAD_MS, 1, 0)).toBe(0)
    expect((await present()).record).toBe(RECORD)
    expect(await adopt(RECORD, 'nonce', '-', AHEAD_MS, 1, 0)).toBe(1)
    expect((await present()).record).toBe(`v1:${AHEAD_MS}:nonce:-:2:2`)
  })

  it('begins in an empty database at 0, with a floor as far ahead as is told', async () => {
    await redis.admin.flushall()
    expect(await adopt('', 'nonce', 5, AHEAD_MS, 1, 0)).toBe(1)
    expect(await present()).toMatchObject({
      generation: AHEAD_MS,
      floor: Math.ceil(AHEAD_MS / 1000 + 5),
      start: 0,
      logged: 0,
    })
    expect(await redis.admin.get(keys.sequence)).toBe('0')
  })

  it.each<[string, () => Promise<unknown>, number, number]>([
    ['the sequence', () => redis.admin.set(keys.sequence, 9), 3, 9],
    ['the last entry of the log', () => log(8), 3, 8],
    ['what is known', () => redis.admin.del(keys.sequence), 7, 7],
  ])('goes on above %s', async (_name, prepare, known, start) => {
    await prepare()
    await adopt(RECORD, 'nonce', 5, AHEAD_MS, 1, known)
    expect((await present()).start).toBe(start)
    expect(await redis.admin.get(keys.sequence)).toBe(String(start))
  })

  it('is later than the one before, whatever the clocks say', async () => {
    const far = AHEAD_MS * 2
    await adopt(RECORD, 'nonce', 5, 0, far, 0)
    expect((await present()).generation).toBe(far)
  })

  it('begins at the time of Redis where that is ahead of ours', async () => {
    const [seconds, microseconds] = await redis.admin.time()
    const before = Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
    await adopt(RECORD, 'nonce', 5, 0, 1, 0)
    const { generation } = await present()
    expect(generation).toBeGreaterThanOrEqual(before)
    expect(generation).toBeLessThan(before + 5000)
  })
})
