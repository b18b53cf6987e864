import { beforeEach, describe, expect, it } from '@jest/globals'
import { RedisSourceError } from '../../../lib/redis/opener.js'
import type { ClientOpener } from '../../../lib/redis/source/client.js'
import { parseLineage, type Position } from '../../../lib/revocation/redis/schema/lineage.js'
import { entryFor, type StoredEntry } from '../../../lib/revocation/redis/schema/records.js'
import { createWriter, type Writer } from '../../../lib/revocation/redis/writer.js'
import { RevocationUnavailable } from '../../../lib/revocation/store.js'
import { givenHealth, type GivenHealth } from '../../support/given-health.js'
import { manualTimer, settle, type ManualTimer } from '../../support/manual-timer.js'
import { scriptedRedis, settingsOver, type ScriptedRedis } from '../../support/scripted-redis.js'

const LINEAGE = parseLineage('v1:1000000:first:-:0:0')!
const KNOWN: Position = { lineage: LINEAGE, sequence: 5 }
const STORED = ['stored', 6, '7-0', 0]
const PREFIX = 'The revocation was not stored: '

let timer: ManualTimer
let redis: ScriptedRedis
/** What Redis answers to one command after another, the last of them again and again. */
let answers: unknown[]
let health: GivenHealth
let advanced: Position[]
let writer: Writer

beforeEach(() => {
  timer = manualTimer()
  answers = [STORED]
  advanced = []
  redis = scriptedRedis(() => (answers.length > 1 ? answers.shift() : answers[0]))
  health = givenHealth()
  health.position = KNOWN
  health.advance = (position) => void advanced.push(position)
})

async function begin(
  options: Parameters<typeof settingsOver>[2] = {},
  opener: ClientOpener = redis,
): Promise<StoredEntry> {
  const settings = settingsOver(opener, timer, options)
  writer = createWriter(settings, health)
  await settle()
  return entryFor(settings.keys, {
    kind: 'token',
    issuer: 'https://id.test',
    id: 'token-1',
    value: true,
    until: 1_000_100,
    keptUntil: 1_000_101,
  })
}

/** The receipt or the error, or `pending`, once so much time has passed. */
async function outcomeOf(entry: StoredEntry, passingMs = 0): Promise<unknown> {
  const outcome = writer.store(entry).catch((error: Error) => error)
  await timer.advance(passingMs)
  return Promise.race([outcome, settle().then(() => 'pending')])
}

describe('an answer of Redis to a revocation', () => {
  it.each([
    ['in its own place', STORED, false, '7-0'],
    ['as a mark over its user', ['stored', 6, '7-0', 1], true, '7-0'],
    ['and changed nothing', ['stored', 6, '', 0], false, undefined],
  ])('says that it is stored %s', async (_name, answer, asMark, witness) => {
    answers = [answer]
    const entry = await begin()
    expect(await outcomeOf(entry)).toEqual({ sequence: 6, asMark })
    expect(advanced).toEqual([{ lineage: LINEAGE, sequence: 6, witness }])
    expect(health.beats).toBe(0)
  })

  it('that the data are others is asked about once, by a beat', async () => {
    answers = [['changed'], STORED]
    const entry = await begin()
    expect(await outcomeOf(entry)).toEqual({ sequence: 6, asMark: false })
    expect(health.beats).toBe(1)
  })

  it('that the data are others still is an outage', async () => {
    answers = [['changed']]
    const entry = await begin()
    expect(await outcomeOf(entry)).toMatchObject({
      name: 'RevocationUnavailable',
      message: `${PREFIX}the data in Redis are not those that were there before`,
    })
    expect([health.beats, redis.calls.length, advanced]).toEqual([1, 2, []])
  })

  it.each([[['unreadable']], ['stored'], [null], [[]]])(
    'is no receipt where it is %j',
    async (answer) => {
      answers = [answer]
      const entry = await begin()
      expect(await outcomeOf(entry)).toMatchObject({
        name: 'RevocationUnavailable',
        message: `${PREFIX}Redis holds a record that this version cannot read`,
      })
      expect(advanced).toEqual([])
    },
  )

  it('is no receipt without the copies that are asked for, and data without it are a loss', async () => {
    answers = [STORED, 0]
    const entry = await begin({ minReplicas: 1 })
    expect(await outcomeOf(entry)).toMatchObject({
      message: `${PREFIX}0 of 1 replicas have it in memory`,
    })
    expect(advanced).toHaveLength(1)
    answers = [STORED, 1]
    expect(await outcomeOf(entry)).toEqual({ sequence: 6, asMark: false })
    expect(redis.calls.map(([command]) => command)).toEqual(['eval', 'wait', 'eval', 'wait'])
  })
})

describe('a revocation that Redis does not take', () => {
  it.each([
    ['OOM command not allowed', /OOM: the memory of Redis is full/, 0],
    [
      "READONLY You can't write against a read only replica.",
      /READONLY: connected to a replica/,
      1,
    ],
  ])('is an outage with the reason: %s', async (words, message, closed) => {
    const cause = new Error(words)
    answers = [cause]
    const entry = await begin()
    await timer.advance(1000)
    const error = await outcomeOf(entry)
    expect(error).toBeInstanceOf(RevocationUnavailable)
    expect(error).toMatchObject({ message: expect.stringMatching(message), cause })
    expect((error as Error).message.startsWith(PREFIX)).toBe(true)
    expect(redis.count.closed).toBe(closed)
  })

  it('is given up where no answer comes within the deadline, on another connection the next time', async () => {
    answers = [new Promise(() => undefined)]
    const entry = await begin({ revokeDeadlineMs: 1500 })
    const outcome = writer.store(entry).catch((error: unknown) => error)
    await timer.advance(1499)
    expect(redis.count.closed).toBe(0)
    await timer.advance(1)
    expect(await outcome).toMatchObject({
      name: 'RevocationUnavailable',
      message: `${PREFIX}No answer within 1500 ms`,
    })
    expect(redis.count.closed).toBe(1)
  })
})

describe('a revocation that comes while the data are in doubt', () => {
  it('waits for the first beat, and is stored', async () => {
    health.position = undefined
    health.started = async () => {
      health.position = KNOWN
    }
    const entry = await begin()
    expect(await outcomeOf(entry)).toMatchObject({ sequence: 6 })
  })

  it.each([
    [
      'where the start fails',
      () => Promise.reject(new RevocationUnavailable('too late')),
      'too late',
    ],
    ['where it brings no data', async () => undefined, 'in doubt'],
  ])('is not sent %s', async (_name, start, message) => {
    health.position = undefined
    health.started = start
    const entry = await begin()
    expect(await outcomeOf(entry)).toMatchObject({ name: 'RevocationUnavailable', message })
    expect(redis.calls).toEqual([])
  })

  it('does not wait for the start once the data were known', async () => {
    health.started = () => Promise.reject(new Error('asked'))
    const entry = await begin()
    expect(await outcomeOf(entry)).toMatchObject({ sequence: 6 })
  })

  it('is not sent to a server that must not be used', async () => {
    health.state = 'refused'
    const entry = await begin()
    expect(await outcomeOf(entry)).toMatchObject({ message: 'in doubt' })
    expect(redis.calls).toEqual([])
  })

  it('is not sent again to a server that a beat has found must not be used', async () => {
    answers = [['changed']]
    health.beat = async () => void (health.state = 'refused')
    const entry = await begin()
    expect(await outcomeOf(entry)).toMatchObject({ message: 'in doubt' })
    expect(redis.calls).toHaveLength(1)
  })
})

/** A connection that comes when told to. */
function later(): { readonly opener: ClientOpener; readonly come: () => void } {
  const waiting: (() => void)[] = []
  const come = new Promise<void>((resolve) => void waiting.push(resolve))
  return { opener: { open: () => come.then(() => redis.open()) }, come: () => waiting[0]!() }
}

describe('a revocation that comes without a connection', () => {
  it('waits for it where checks are answered', async () => {
    const { opener, come } = later()
    const entry = await begin({}, opener)
    const stored = writer.store(entry)
    await timer.advance(999)
    come()
    expect(await stored).toMatchObject({ sequence: 6 })
  })

  it('waits for it no longer than the deadline', async () => {
    const entry = await begin({}, later().opener)
    expect(await outcomeOf(entry, 1000)).toMatchObject({
      message: `${PREFIX}No answer within 1000 ms`,
    })
  })

  it('waits for the next one where it was lost', async () => {
    const entry = await begin()
    redis.fire('close')
    const stored = writer.store(entry)
    await timer.advance(500)
    expect(redis.calls).toEqual([])
    redis.fire('ready')
    expect(await stored).toMatchObject({ sequence: 6 })
  })

  it('is an outage at once where checks are not answered either', async () => {
    health.isFresh = () => false
    const entry = await begin({}, later().opener)
    expect(await outcomeOf(entry)).toMatchObject({ message: `${PREFIX}not connected` })
  })

  it('is an outage at once, with the reason, where checks are not answered and it was lost', async () => {
    health.isFresh = () => false
    const entry = await begin()
    redis.fire('error', new Error('LOADING'))
    redis.fire('close')
    expect(await outcomeOf(entry)).toMatchObject({
      message: `${PREFIX}LOADING: Redis is reading its data from disk`,
      cause: { message: 'LOADING' },
    })
  })

  it('is an outage at once where only a person can bring one', async () => {
    const opener = { open: () => Promise.reject(new RedisSourceError('the factory threw')) }
    const entry = await begin({}, opener)
    expect(await outcomeOf(entry)).toMatchObject({ message: `${PREFIX}the factory threw` })
  })
})

it('A writer that is closed gives up its connection', async () => {
  await begin()
  writer.close()
  expect(redis.count.closed).toBe(1)
})
