import { beforeEach, describe, expect, it } from '@jest/globals'
import {
  createIntegrityCheck,
  type IntegrityCheck,
} from '../../../../lib/revocation/redis/health/integrity.js'
import { INSPECT } from '../../../../lib/redis/server-facts.js'
import { parseLineage, type Position } from '../../../../lib/revocation/redis/schema/lineage.js'
import { ADOPT, BEAT } from '../../../../lib/revocation/redis/schema/scripts.js'
import { manualTimer, type ManualTimer } from '../../../support/manual-timer.js'
import { scriptedRedis, settingsOver, type ScriptedRedis } from '../../../support/scripted-redis.js'

const OLD = 'v1:1000000:first:-:0:0'
const NEW = 'v1:2000000:second:2000:5:5'
const SERVER_TIME = 1_000_000_000
const HEALTHY = 'redis_version:7.2.4\nrun_id:a\nmaxmemory_policy:noeviction\naof_enabled:1'

let timer: ManualTimer
let redis: ScriptedRedis
let info: string
/** What beats find, the last of them again and again. */
let beats: unknown[][]

const whole = (lineage: string, sequence: number, lastEntry = ''): unknown[] => [
  lineage,
  String(sequence),
  1,
  lastEntry,
  sequence,
  SERVER_TIME,
  0,
]
const EMPTY = ['', '', 1, '', 0, SERVER_TIME, 0]
const GONE = ['', '9', 1, '', 9, SERVER_TIME, 0]
const known: Position = { lineage: parseLineage(OLD)!, sequence: 5, witness: '7-0' }

beforeEach(() => {
  timer = manualTimer()
  info = HEALTHY
  redis = scriptedRedis((_command, [sha1]) => {
    if (sha1 === INSPECT.sha1) return info
    if (sha1 === ADOPT.sha1) return 1
    return beats.length > 1 ? beats.shift() : beats[0]
  })
})

type Options = Parameters<typeof settingsOver>[2]

function check(options: Options = {}): IntegrityCheck {
  return createIntegrityCheck(settingsOver(redis, timer, options))
}

/** Arguments of each new lineage: what it stands in the place of, and its floor. */
const adopted = (): unknown[] =>
  redis.calls
    .filter(([, sha1]) => sha1 === ADOPT.sha1)
    .map((call) => [call[6], call[8] === '-' ? 'no floor' : 'floor'])

describe('data in Redis', () => {
  it('that are whole are proven, as of the sending of the question', async () => {
    beats = [whole(OLD, 5, '999999999-3')]
    const finding = await check().run(redis.client, known, false)
    expect(finding).toEqual({
      kind: 'proven',
      position: { lineage: known.lineage, sequence: 5, witness: '999999999-3' },
      lastEntry: '999999999-3',
      sentAt: timer.now(),
      lost: undefined,
      undurable: undefined,
    })
    const beat = redis.calls.find(([, sha1]) => sha1 === BEAT.sha1)
    expect(beat!.at(-2)).toBe('7-0')
    expect(adopted()).toEqual([])
  })

  it.each<[string, string, boolean]>([
    ['is', 'young', true],
    ['is not', 'old enough to be trimmed before the next look', false],
  ])('the last entry %s held on to, where it is %s', async (_is, _age, held) => {
    const { retentionMs } = settingsOver(redis, timer)
    const age = retentionMs / 2 + (held ? -2 : 2)
    const lastEntry = `${Math.floor(SERVER_TIME * 10 - age)}-0`
    beats = [['v1:1000000:first:-:0:0', '5', 1, lastEntry, 5, SERVER_TIME * 10, 0]]
    const finding = await check().run(redis.client, undefined, false)
    expect(finding).toMatchObject({
      position: { witness: held ? lastEntry : undefined },
      lastEntry,
    })
  })

  it.each<[string, Options, boolean, unknown[][], unknown[], object]>([
    [
      'empty, at first: a lineage with a floor',
      {},
      false,
      [EMPTY, whole(NEW, 5)],
      [['', 'floor']],
      { kind: 'proven', lost: undefined },
    ],
    [
      'empty, at the first deployment: one without',
      { onEmpty: 'initialize' },
      false,
      [EMPTY, whole(OLD, 0)],
      [['', 'no floor']],
      { kind: 'proven' },
    ],
    [
      'empty, which is refused',
      { onEmpty: 'refuse' },
      false,
      [EMPTY],
      [],
      {
        kind: 'refused',
        detail: expect.stringContaining('Redis is empty and "onEmpty" is \'refuse\''),
      },
    ],
    [
      'empty, which a person has accepted',
      { onEmpty: 'refuse' },
      true,
      [EMPTY, whole(NEW, 5)],
      [['', 'floor']],
      { kind: 'proven' },
    ],
    [
      'lost: a lineage with a floor in its place',
      {},
      false,
      [GONE, whole(NEW, 9)],
      [['', 'floor']],
      { kind: 'proven', lost: 'revocations were lost: there are data without a lineage' },
    ],
    [
      'lost, which is refused',
      { onDataLoss: 'refuse' },
      false,
      [GONE],
      [],
      { kind: 'lost', detail: 'revocations were lost: there are data without a lineage' },
    ],
    [
      'lost, which a person has accepted',
      { onDataLoss: 'refuse' },
      true,
      [GONE, whole(NEW, 9)],
      [['', 'floor']],
      { kind: 'proven' },
    ],
    [
      'of a newer version',
      {},
      false,
      [whole('v9:1:x:-:0:0', 5)],
      [],
      { kind: 'refused', detail: expect.stringContaining('newer version') },
    ],
    [
      'that somebody else changes all the time',
      {},
      false,
      [EMPTY],
      [
        ['', 'floor'],
        ['', 'floor'],
        ['', 'floor'],
      ],
      { kind: 'lost', detail: 'the data change all the time' },
    ],
    [
      'that are lost all the time',
      {},
      false,
      [GONE],
      [
        ['', 'floor'],
        ['', 'floor'],
        ['', 'floor'],
      ],
      { kind: 'lost', detail: 'revocations were lost: there are data without a lineage' },
    ],
  ])('%s', async (_name, options, acceptLoss, answers, lineages, expected) => {
    beats = answers
    const finding = await check(options).run(redis.client, undefined, acceptLoss)
    expect(finding).toMatchObject(expected)
    expect(adopted()).toEqual(lineages)
  })

  it('that fell behind what is known get a lineage above it', async () => {
    beats = [whole(OLD, 3), whole(NEW, 9)]
    const finding = await check().run(redis.client, known, false)
    expect(finding).toMatchObject({
      kind: 'proven',
      lost: 'revocations were lost: the sequence fell from 5 to 3',
    })
    const adopt = redis.calls.find(([, sha1]) => sha1 === ADOPT.sha1)!
    expect([adopt[6], ...adopt.slice(-2)]).toEqual([OLD, 1_000_001, 5])
  })
})

describe('a server', () => {
  it('that may evict keys is not asked at all', async () => {
    info = `${HEALTHY.replace('noeviction', 'allkeys-lru')}\nmaxmemory:9`
    expect(await check().run(redis.client, undefined, false)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('allkeys-lru'),
    })
    expect(redis.calls).toHaveLength(1)
  })

  it('that has evicted keys has lost them once, however whole they look', async () => {
    const integrity = check()
    beats = [whole(OLD, 5)]
    await integrity.run(redis.client, known, false)
    info = `${HEALTHY}\nevicted_keys:3`
    integrity.reconnected()
    beats = [whole(OLD, 5), whole(NEW, 5)]
    expect(await integrity.run(redis.client, known, false)).toMatchObject({
      kind: 'proven',
      lost: 'revocations were lost: Redis has evicted 3 keys',
    })
    redis.calls.length = 0
    beats = [whole(NEW, 5)]
    expect(await integrity.run(redis.client, known, false)).toMatchObject({ lost: undefined })
    expect(adopted()).toEqual([])
  })

  it.each<[string, unknown[][], unknown[], object]>([
    [
      'where another process has begun anew meanwhile',
      [whole(NEW, 5), whole('v1:3000000:third:3000:5:5', 5)],
      [[NEW, 'floor']],
      { kind: 'proven', lost: 'revocations were lost: Redis has evicted 3 keys' },
    ],
    [
      'and not from data of a newer version, which may mean anything',
      [whole('v9:1:x:-:0:0', 5)],
      [],
      { kind: 'refused', detail: expect.stringContaining('newer version') },
    ],
  ])('that has evicted keys has lost them: %s', async (_name, answers, lineages, expected) => {
    const integrity = check()
    beats = [whole(OLD, 5)]
    await integrity.run(redis.client, known, false)
    info = `${HEALTHY}\nevicted_keys:3`
    integrity.reconnected()
    beats = answers
    expect(await integrity.run(redis.client, known, false)).toMatchObject(expected)
    expect(adopted()).toEqual(lineages)
  })

  it('that writes no append-only file is refused at the start, and reported later', async () => {
    info = HEALTHY.replace('aof_enabled:1', 'aof_enabled:0')
    beats = [whole(OLD, 5)]
    const integrity = check({ fsync: true })
    expect(await integrity.run(redis.client, undefined, false)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('appendonly'),
    })
    expect(await integrity.run(redis.client, known, false)).toMatchObject({
      kind: 'proven',
      undurable: expect.stringContaining('appendonly'),
    })
  })
})
