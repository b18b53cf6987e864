import { beforeEach, describe, expect, it } from '@jest/globals'
import { createReplica, type Replica } from '../../../../lib/revocation/redis/replica/replica.js'
import { createKeyNames } from '../../../../lib/revocation/redis/schema/key-names.js'
import { parseLineage, type BeatProof } from '../../../../lib/revocation/redis/schema/lineage.js'
import { RevocationUnavailable, type RevocationQuery } from '../../../../lib/revocation/store.js'
import { manualTimer, settle, type ManualTimer } from '../../../support/manual-timer.js'
import {
  ISSUER,
  NOW,
  queryOf,
  scriptedRedis,
  settingsOver,
  type ScriptedRedis,
} from '../../../support/scripted-redis.js'

const OLD = 'v1:1000000:first:-:0:0'
const WITH_FLOOR = 'v1:1000000000:second:1000005:2:2'
const keys = createKeyNames('revocations', false)
const nameOf = (tokenId: string): string =>
  keys.entry('token', ISSUER, tokenId).slice(keys.prefix.length)

let timer: ManualTimer
let redis: ScriptedRedis
let answers: ((reply: unknown) => void)[]
let replica: Replica
let told: number

beforeEach(() => {
  timer = manualTimer()
  answers = []
  told = 0
  redis = scriptedRedis(() => new Promise((resolve) => void answers.push(resolve)))
  replica = createReplica(settingsOver(redis, timer, { maxReplicaEntries: 1000 }))
  replica.watch(() => void (told += 1))
})

const proof = (sequence: number, lastEntry?: string, record = OLD): BeatProof => ({
  position: { lineage: parseLineage(record)!, sequence },
  lastEntry,
  sentAt: timer.now(),
})

/** The reader of the log gets entries of tokens, by their numbers. */
async function log(...entries: [sequence: number, tokenId: string][]): Promise<void> {
  await settle()
  const page = entries.map(([n, id]) => [
    `${n}-0`,
    ['n', `${n}`, 'k', nameOf(id), 'v', '1', 'u', `${(NOW + 100) * 1000}`],
  ])
  answers.pop()!([['{revocations}:log', page]])
  await settle()
}

const query = (tokenId: string, changes: Partial<RevocationQuery> = {}): RevocationQuery =>
  queryOf({ tokenId, ...changes })

describe('a copy of the denylist', () => {
  it('answers nothing before a beat', () => {
    expect(replica.fresh).toBe(false)
    expect(replica.check(query('a'))).toBeUndefined()
    expect(replica.detail).toBe('read the log up to nothing')
    expect(redis.count.opened).toBe(0)
  })

  it('answers at once where the log is empty', () => {
    replica.beat(proof(0))
    expect(replica.check(query('a'))).toEqual({ revoked: false })
    expect(replica.detail).toBe('0 entries')
  })

  it('answers once all is applied that a beat saw, and tells of it', async () => {
    replica.beat(proof(2, '2-0'))
    await log([1, 'a'])
    expect(replica.check(query('a'))).toBeUndefined()
    expect(replica.detail).toBe('read the log up to 1')
    await log([2, 'b'])
    expect(replica.check(query('a'))).toEqual({ revoked: true, by: 'token' })
    expect(replica.check(query('b'))).toEqual({ revoked: true, by: 'token' })
    expect(replica.check(query('c'))).toEqual({ revoked: false })
    expect(replica.detail).toBe('2 entries')
    expect(told).toBe(2)
  })

  it('answers no longer than the bound of staleness, and again by the next beat', async () => {
    replica.beat(proof(0))
    await timer.advance(1000)
    expect(replica.check(query('a'))).toEqual({ revoked: false })
    await timer.advance(1)
    expect(replica.check(query('a'))).toBeUndefined()
    replica.beat(proof(0))
    expect(replica.fresh).toBe(true)
  })

  it('answers no more where revocations were lost', () => {
    replica.beat(proof(0))
    replica.distrust()
    expect(replica.fresh).toBe(false)
  })

  it('knows our own revocation before the log tells of it', () => {
    replica.beat(proof(0))
    replica.apply(nameOf('a'), true, NOW + 100)
    expect(replica.check(query('a'))).toEqual({ revoked: true, by: 'token' })
    expect(told).toBe(1)
  })

  it('is no worse for a watcher that fails', () => {
    replica.beat(proof(0))
    replica.watch(() => {
      throw new Error('mine')
    })
    expect(() => replica.apply(nameOf('a'), true, NOW + 100)).toThrow('mine')
    expect(replica.check(query('a'))).toEqual({ revoked: true, by: 'token' })
  })

  it('leaves out what has had its time, but for an hour by which a clock may be wrong', () => {
    replica.beat(proof(0))
    replica.apply(nameOf('a'), true, NOW - 3600)
    replica.apply(nameOf('b'), true, NOW - 3599)
    expect(replica.check(query('a'))).toEqual({ revoked: false })
    expect(replica.check(query('b'))).toEqual({ revoked: true, by: 'token' })
  })

  it('refuses a token that lives longer than revocations are remembered', () => {
    replica.beat(proof(0))
    const long = query('a', { expiresAt: NOW + 2_592_000 })
    expect(replica.check(long)).toEqual({ revoked: true, by: 'lifetime' })
  })

  it('refuses what was issued before the floor, and cannot know about the seconds below it', () => {
    replica.beat(proof(2, undefined, WITH_FLOOR))
    expect(replica.check(query('a', { issuedAt: NOW - 1 }))).toEqual({ revoked: true, by: 'floor' })
    expect(() => replica.check(query('a', { issuedAt: NOW + 1 }))).toThrow(RevocationUnavailable)
    expect(replica.check(query('a', { issuedAt: NOW + 6 }))).toEqual({ revoked: false })
  })

  it('is told to nobody who has ended it, and closes its connection', async () => {
    const end = replica.watch(() => void (told += 100))
    end()
    replica.beat(proof(0))
    replica.apply(nameOf('a'), true, NOW + 100)
    expect(told).toBe(1)
    await settle()
    replica.close()
    expect(redis.count).toEqual({ opened: 1, closed: 1 })
  })
})

describe('a log', () => {
  it.each<[string, [number, string][], boolean]>([
    [
      'may begin anywhere',
      [
        [7, 'a'],
        [8, 'b'],
      ],
      true,
    ],
    [
      'may repeat entries',
      [
        [7, 'a'],
        [7, 'a'],
        [6, 'z'],
        [8, 'b'],
      ],
      true,
    ],
    [
      'must not lack one',
      [
        [7, 'a'],
        [9, 'b'],
      ],
      false,
    ],
  ])('%s', async (_name, entries, proven) => {
    replica.beat(proof(entries.at(-1)![0], `${entries.at(-1)![0]}-0`))
    await log(...entries)
    expect(replica.fresh).toBe(proven)
    const missing = 'read the log up to nothing: entry 8 of the log is missing'
    expect(replica.detail === missing).toBe(!proven)
  })

  it('may lack what lies before its lineage began', async () => {
    const later = 'v1:2000000:second:-:5:0'
    replica.beat(proof(6, '6-0', later))
    await log([3, 'a'])
    await log([6, 'b'])
    expect(replica.fresh).toBe(true)
  })

  it('of another lineage is read from its first entry', async () => {
    replica.beat(proof(1, '1-0'))
    await log([1, 'a'])
    expect(replica.fresh).toBe(true)
    told = 0
    replica.beat(proof(2, '1-0', WITH_FLOOR))
    expect(replica.fresh).toBe(false)
    expect(told).toBe(1)
    await settle()
    expect(redis.calls.at(-1)!.at(-1)).toBe('0-0')
    await log([1, 'a'])
    expect(replica.fresh).toBe(true)
  })

  it('that stands still gets a new connection, and is then read anew', async () => {
    replica.beat(proof(1, '1-0'))
    await log([1, 'a'])
    const seen: [opened: number, after: unknown][] = []
    for (let passed = 0; passed < 5000; passed += 500) {
      replica.beat(proof(2, '2-0'))
      await settle()
      seen.push([redis.count.opened, redis.calls.at(-1)!.at(-1)])
      // Redis answers that nothing new is there.
      answers.pop()!(null)
      await timer.advance(500)
    }
    const standing = Array.from({ length: 5 }, () => [1, '1-0'])
    const reconnected = Array.from({ length: 5 }, () => [2, '1-0'])
    expect(seen).toEqual([...standing, ...reconnected])
    replica.beat(proof(2, '2-0'))
    await settle()
    expect([redis.count.opened, redis.calls.at(-1)!.at(-1)]).toEqual([3, '0-0'])
  })
})

function fill(): void {
  for (let n = 0; n < 1001; n += 1) replica.apply(nameOf(`t${n}`), true, NOW + 100)
}

describe('a copy with more revocations than it may hold', () => {
  it('holds none, and Redis is asked instead', async () => {
    replica.beat(proof(0))
    fill()
    expect(replica.fresh).toBe(false)
    expect(replica.check(query('t1'))).toBeUndefined()
    expect(replica.detail).toBe('More than 900 revocations are in force; Redis is asked instead')
    replica.beat(proof(0))
    expect(replica.fresh).toBe(false)
    told = 0
    replica.apply(nameOf('one more'), true, NOW + 100)
    expect(told).toBe(0)
  })

  it('waits for no log', async () => {
    replica.beat(proof(1, '1-0'))
    fill()
    for (let passed = 0; passed < 5000; passed += 500) {
      replica.beat(proof(1, '1-0'))
      await settle()
      answers.pop()!(null)
      await timer.advance(500)
    }
    expect(redis.count.opened).toBe(1)
  })
})
