import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createKeyNames } from '../../../lib/revocation/redis/schema/key-names.js'
import { parseLineage } from '../../../lib/revocation/redis/schema/lineage.js'
import { compileSettings } from '../../../lib/revocation/redis/schema/options.js'
import { entryFor, type StoredEntry } from '../../../lib/revocation/redis/schema/records.js'
import { createWriter, type Writer } from '../../../lib/revocation/redis/writer.js'
import type { Revocation } from '../../../lib/revocation/revocations.js'
import { ENTRIES_PER_SUBJECT } from '../../../lib/revocation/share.js'
import { givenHealth, type GivenHealth } from '../../support/given-health.js'
import { nowSeconds } from '../../support/redis-store.js'
import { redisForAllTests } from '../../support/redis-under-test.js'

const redis = redisForAllTests()
const keys = createKeyNames('revocations', false)
const LINEAGE = parseLineage('v1:1000000:first:-:0:0')!
const ISSUER = 'https://id.test'
/** A clock so far ahead of that of Redis is the one that times are kept by. */
const AHEAD = 3600

let now: number
let health: GivenHealth
let writers: Writer[]

beforeAll(() => {
  now = nowSeconds() + AHEAD
})
beforeEach(async () => {
  health = givenHealth()
  health.position = { lineage: LINEAGE, sequence: 0 }
  health.advance = (position) => void (health.position = position)
  writers = []
  await redis.admin.mset(keys.lineage, LINEAGE.record, keys.sequence, 0)
})
afterEach(async () => {
  for (const one of writers) one.close()
  await redis.admin.flushall()
})

/** Over data that somebody else has proven. */
function writer(): Writer {
  const settings = compileSettings({ redis: redis.url, clock: () => now })
  writers.push(createWriter(settings, health))
  return writers.at(-1)!
}

const entry = (changes: Partial<Revocation> = {}): StoredEntry =>
  entryFor(keys, {
    kind: 'token',
    issuer: ISSUER,
    id: 'token-1',
    value: true,
    until: now + 100.0004,
    keptUntil: now + 200.0004,
    ...changes,
  })

const lastOfLog = async (): Promise<[id: string, fields: string[]]> =>
  (await redis.admin.xrevrange(keys.log, '+', '-', 'COUNT', 1))[0]!

describe('a revocation in Redis', () => {
  it('is a record that is kept until its time, and an entry of the log that says the same', async () => {
    const { key, name } = entry()
    expect(await writer().store(entry())).toEqual({ sequence: 1, asMark: false })
    const forgetAt = Math.ceil((now + 200.0004) * 1000)
    expect(await redis.admin.get(key)).toBe('1')
    expect(await redis.admin.pexpiretime(key)).toBe(forgetAt)
    const [id, fields] = await lastOfLog()
    expect(fields).toEqual(['n', '1', 'k', name, 'v', '1', 'e', String(forgetAt)])
    expect(health.position).toEqual({ lineage: LINEAGE, sequence: 1, witness: id })
  })

  it.each<[string, Partial<Revocation>, string]>([
    ['a number', { kind: 'version', value: 7 }, '7'],
    [
      'a mark',
      { kind: 'subject', value: { notBefore: 12, sessions: new Map([['session-1', 3]]) } },
      `12;${keys.id('session-1')}=3`,
    ],
  ])('is %s where that is what it says', async (_name, changes, record) => {
    await writer().store(entry(changes))
    expect(await redis.admin.get(entry(changes).key)).toBe(record)
  })

  it('says what it said before as well', async () => {
    const one = writer()
    for (const value of [5, 7, 3]) await one.store(entry({ kind: 'version', value }))
    expect(await redis.admin.get(entry({ kind: 'version' }).key)).toBe('7')
  })

  it('is not counted again while it is kept for as long as it is needed', async () => {
    const one = writer()
    await one.store(entry())
    const again = entry({ until: now + 200, keptUntil: now + 300 })
    expect(await one.store(again)).toMatchObject({ sequence: 1 })
    expect(await redis.admin.xlen(keys.log)).toBe(1)
    const longer = entry({ until: now + 201, keptUntil: now + 300 })
    expect(await one.store(longer)).toMatchObject({ sequence: 2 })
    expect(await redis.admin.pexpiretime(longer.key)).toBe((now + 300) * 1000)
  })

  it('is kept for as long as it was to be, where one that says more is needed for less', async () => {
    const one = writer()
    const { key } = entry({ kind: 'version' })
    await one.store(entry({ kind: 'version', value: 5, keptUntil: now + 300 }))
    await one.store(entry({ kind: 'version', value: 7, keptUntil: now + 200 }))
    expect(await redis.admin.get(key)).toBe('7')
    expect(await redis.admin.pexpiretime(key)).toBeGreaterThanOrEqual((now + 300) * 1000 - 1000)
  })

  it('leaves the log what is still needed, and takes out what has had its time', async () => {
    const { retentionMs } = compileSettings({ redis: redis.url })
    // The clock of Redis, by which the log is trimmed.
    const [seconds] = await redis.admin.time()
    const [old, young] = [-10_000, 10_000].map((ms) => Number(seconds) * 1000 - retentionMs + ms)
    // Redis trims whole nodes, of a hundred entries each.
    const fill = `for n = 1, 100 do redis.call('XADD', KEYS[1], ARGV[1] .. '-' .. n, 'n', n) end`
    await redis.admin.eval(fill, 1, keys.log, old!)
    await redis.admin.eval(fill, 1, keys.log, young!)
    await redis.admin.set(keys.sequence, 200)
    await writer().store(entry())
    expect(await redis.admin.xlen(keys.log)).toBe(101)
  })
})

describe('a revocation that counts against the share of a user', () => {
  const mark: Revocation = {
    kind: 'subject',
    issuer: ISSUER,
    id: 'user-1',
    value: { notBefore: 12, sessions: new Map() },
    until: 0,
    keptUntil: 0,
  }
  const shared = (): StoredEntry => {
    const kept = { until: now + 300, keptUntil: now + 400 }
    return entry({ share: { windowSeconds: 1000.0004, mark: { ...mark, ...kept } } })
  }
  const counter = keys.counter('token', ISSUER, 'user-1')

  it('is counted for a while', async () => {
    expect(await writer().store(shared())).toEqual({ sequence: 1, asMark: false })
    expect(await redis.admin.get(counter)).toBe('1')
    const left = await redis.admin.pttl(counter)
    expect(left).toBeGreaterThan(990_000)
    expect(left).toBeLessThanOrEqual(1_000_001)
  })

  it('is the last of its own, or a mark in its place', async () => {
    const one = writer()
    await redis.admin.set(counter, ENTRIES_PER_SUBJECT - 1, 'EX', 1000)
    expect(await one.store(shared())).toEqual({ sequence: 1, asMark: false })
    await redis.admin.del(shared().key)
    expect(await one.store(shared())).toEqual({ sequence: 2, asMark: true })
    const markKey = keys.entry('subject', ISSUER, 'user-1')
    expect(await redis.admin.mget(shared().key, markKey)).toEqual([null, '12'])
    expect(await redis.admin.pexpiretime(markKey)).toBe((now + 400) * 1000)
    expect((await lastOfLog())[1][3]).toBe(markKey.slice(keys.prefix.length))
  })
})

describe('data that are not those that are known', () => {
  it.each([
    ['the lineage is another', keys.lineage, 'v1:2000000:second:-:0:0'],
    ['the lineage is gone', keys.lineage, undefined],
    ['the sequence is behind', keys.sequence, '4'],
    ['the sequence is gone', keys.sequence, undefined],
  ])('take no revocation, after a beat either: %s', async (_name, key, value) => {
    health.position = { lineage: LINEAGE, sequence: 5 }
    await redis.admin.set(keys.sequence, 5)
    if (value === undefined) await redis.admin.del(key)
    else await redis.admin.set(key, value)
    await expect(writer().store(entry())).rejects.toThrow(/not those that were there before/)
    expect(health.beats).toBe(1)
    expect(await redis.admin.exists(entry().key, keys.log)).toBe(0)
  })

  it('take one once the beat has found how they go on', async () => {
    health.position = { lineage: parseLineage('v1:1:before:-:0:0')!, sequence: 5 }
    const one = writer()
    const stored = one.store(entry())
    health.position = { lineage: LINEAGE, sequence: 0 }
    expect(await stored).toMatchObject({ sequence: 1 })
    expect(health.beats).toBe(1)
  })
})
