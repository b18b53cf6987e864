import { beforeEach, describe, expect, it } from '@jest/globals'
import { createKeyNames } from '../../../../lib/revocation/redis/schema/key-names.js'
import {
  parseLineage,
  type Observation,
  type Position,
} from '../../../../lib/revocation/redis/schema/lineage.js'
import {
  createStrictReader,
  type StrictReader,
} from '../../../../lib/revocation/redis/strict/strict-reader.js'
import { RevocationUnavailable, type RevocationQuery } from '../../../../lib/revocation/store.js'
import { givenHealth, type GivenHealth } from '../../../support/given-health.js'
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
const WITH_FLOOR = `v1:${NOW * 1000}:second:${NOW + 5}:0:0`
const keys = createKeyNames('revocations', false)
const KNOWN: Position = { lineage: parseLineage(OLD)!, sequence: 5 }

let timer: ManualTimer
let redis: ScriptedRedis
/** What Redis holds. */
let held: Map<unknown, string>
/** What becomes of an answer on its way. */
let onTheWay: (values: unknown) => unknown
let health: GivenHealth
/** What comes of a beat. */
let onBeat: () => void
let seen: [sentWith: Position, seen: Observation][]
let reader: StrictReader

beforeEach(() => {
  timer = manualTimer()
  held = new Map([
    [keys.lineage, OLD],
    [keys.sequence, '5'],
  ])
  onTheWay = (values) => values
  onBeat = () => undefined
  seen = []
  redis = scriptedRedis((_command, names) => onTheWay(names.map((name) => held.get(name) ?? null)))
  health = givenHealth()
  // For those who come at the start alone.
  health.started = () => Promise.reject(new Error('asked'))
  Object.assign(health, { client: redis.client, position: KNOWN })
  health.beat = async () => {
    health.beats += 1
    onBeat()
  }
  health.examine = (sentWith, observation) => {
    seen.push([sentWith, observation])
    const lineage = parseLineage(observation.lineage ?? '')
    return lineage && { kind: 'intact', position: { lineage, sequence: 5 } }
  }
  reader = createStrictReader(settingsOver(redis, timer), health)
})

/** What a check comes to, once so much time has passed. */
async function check(changes: Partial<RevocationQuery> = {}, passingMs = 0): Promise<unknown> {
  const asked = (async () => reader.check(queryOf(changes)))()
  const outcome = asked.then(
    (verdict) => (verdict.revoked ? verdict.by : 'accepted'),
    (error: Error) => `${error.name}: ${error.message}`,
  )
  await settle()
  await timer.advance(passingMs)
  return Promise.race([outcome, settle().then(() => 'pending')])
}

describe('a check', () => {
  it('is answered by what Redis holds about the token, with the proof that this is all', async () => {
    expect(await check()).toBe('accepted')
    held.set(keys.entry('token', ISSUER, 'token-1'), '1')
    expect(await check()).toBe('token')
    expect(await check({ tokenId: 'token-2' })).toBe('accepted')
    expect(seen).toEqual(Array.from({ length: 3 }, () => [KNOWN, { lineage: OLD, sequence: '5' }]))
    expect(redis.calls.map(([command]) => command)).toEqual(['mget', 'mget', 'mget'])
    expect(health.beats).toBe(0)
  })

  it('refuses what was issued before the floor, and cannot know about the seconds below it', async () => {
    held.set(keys.lineage, WITH_FLOOR)
    expect(await check({ issuedAt: NOW - 1 })).toBe('floor')
    expect(await check({ issuedAt: NOW + 1 })).toMatch(/^RevocationUnavailable: .* lost/)
    expect(await check({ issuedAt: NOW + 6 })).toBe('accepted')
  })

  it('refuses a token that lives longer than revocations are remembered, and asks nobody', () => {
    const longLived = queryOf({ expiresAt: NOW + 2_592_000 })
    expect(reader.check(longLived)).toEqual({ revoked: true, by: 'lifetime' })
    expect(redis.calls).toEqual([])
  })
})

describe('an answer', () => {
  it.each([
    ['without a lineage', () => held.delete(keys.lineage), { lineage: undefined, sequence: '5' }],
    ['of other data', () => held.set(keys.lineage, 'v9'), { lineage: 'v9', sequence: '5' }],
  ])('%s is an outage', async (_name, change, observation) => {
    change()
    expect(await check()).toBe('RevocationUnavailable: in doubt')
    expect(seen).toEqual([[KNOWN, observation]])
    expect(health.beats).toBe(0)
  })

  it('tells of a sequence that is gone', async () => {
    held.delete(keys.sequence)
    await check()
    expect(seen).toEqual([[KNOWN, { lineage: OLD, sequence: undefined }]])
  })

  it.each<[string, (values: unknown[]) => unknown]>([
    ['is no list', () => 'OK'],
    ['is as long as a list', ({ length }) => ({ length, every: () => true })],
    ['is too short', (values) => values.slice(0, -1)],
    ['is too long', (values) => [...values, null]],
    ['has a number in it', (values) => [...values.slice(1), 0]],
    ['has nothing in it', (values) => [...values.slice(1), undefined]],
  ])('that %s is "cannot tell", and a beat looks at once', async (_name, distort) => {
    onTheWay = (values) => distort(values as unknown[])
    expect(await check()).toBe('RevocationUnavailable: Redis did not answer: an odd answer to MGET')
    expect([seen, health.beats]).toEqual([[], 1])
  })

  it('that is an error is "cannot tell", with what it means', async () => {
    const cause = new Error('LOADING Redis is loading the dataset in memory')
    onTheWay = () => Promise.reject(cause)
    const error: unknown = await Promise.resolve(reader.check(queryOf())).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(RevocationUnavailable)
    expect(error).toMatchObject({
      message: 'Redis did not answer: LOADING: Redis is reading its data from disk',
      cause,
    })
    expect(health.beats).toBe(1)
  })

  it('that does not come is waited for until the deadline', async () => {
    onTheWay = () => new Promise(() => undefined)
    expect(await check({}, 499)).toBe('pending')
    expect(await check({}, 500)).toBe(
      'RevocationUnavailable: Redis did not answer: No answer within 500 ms',
    )
  })
})

describe('a check in doubt', () => {
  it('waits for a beat where this process has stalled, and is then answered', async () => {
    health.state = 'stale'
    onBeat = () => (health.state = 'ready')
    expect(await check()).toBe('accepted')
    expect(health.beats).toBe(1)
  })

  it.each<[string, () => void]>([
    ['is stale still', () => undefined],
    ['is down', () => (health.state = 'down')],
    ['is without a connection', () => Object.assign(health, { state: 'ready', client: undefined })],
    ['knows no data', () => Object.assign(health, { state: 'ready', position: undefined })],
  ])('asks nobody where the store %s after it', async (_name, change) => {
    health.state = 'stale'
    onBeat = change
    expect(await check()).toBe('RevocationUnavailable: in doubt')
    expect(redis.calls).toEqual([])
  })

  it.each(['down', 'verifying', 'lost', 'refused', 'closed'] as const)(
    'waits for the start of the store, or is turned away by it: %s',
    async (state) => {
      health.state = state
      health.started = () => Promise.reject(new RevocationUnavailable('too late'))
      expect(await check()).toBe('RevocationUnavailable: too late')
      health.started = async () => void (health.state = 'ready')
      expect(await check()).toBe('accepted')
      expect(health.beats).toBe(0)
    },
  )
})
