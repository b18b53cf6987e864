import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { RedisClient } from '../../../../lib/redis/source/client.js'
import type { ServerFacts } from '../../../../lib/redis/server-facts.js'
import type { Probe } from '../../../../lib/revocation/redis/health/probe.js'
import { createServerGuard } from '../../../../lib/revocation/redis/health/server-guard.js'
import { manualTimer, type ManualTimer } from '../../../support/manual-timer.js'

const HEALTHY: ServerFacts = {
  runId: 'run-1',
  version: '7.2.4',
  evicts: false,
  appendOnly: true,
  policy: 'noeviction',
  evictedKeys: 0,
}
const FOR_A_CACHE = { evicts: true, policy: 'allkeys-lru' }
const client = {} as RedisClient

let timer: ManualTimer
/** How often the server was asked. */
let asked: number

beforeEach(() => {
  timer = manualTimer()
  asked = 0
})

type Options = Partial<Omit<Parameters<typeof createServerGuard>[1], 'timer'>>

/** Servers of old versions do not run here, so their word is made up; the last one is said again and again. */
function guardOf(
  words: Partial<ServerFacts>[],
  options: Options = {},
): ReturnType<typeof createServerGuard> {
  const probe = {
    async inspect() {
      asked += 1
      return { ...HEALTHY, ...(words.length > 1 ? words.shift() : words[0]) }
    },
  } as unknown as Probe
  return createServerGuard(probe, { onEviction: 'refuse', fsync: true, ...options, timer })
}

/** What the last of so many looks over new connections finds. */
async function looks(guard: ReturnType<typeof guardOf>, count: number): Promise<unknown> {
  for (let look = 1; look < count; look += 1) {
    await guard.inspect(client)
    guard.forget()
  }
  return guard.inspect(client)
}

describe('a server', () => {
  it.each([
    ['5.0.14', 'refused'],
    ['6.0.20', 'refused'],
    ['6.1.240', 'refused'],
    ['6.2.0', 'fine'],
    ['7.0.15', 'fine'],
    ['10.1.0', 'fine'],
    ['unknown', 'fine'],
  ])('of Redis %s: %s', async (version, kind) => {
    expect(await guardOf([{ version }]).inspect(client)).toMatchObject({ finding: { kind } })
  })

  it('is refused by its version', async () => {
    expect(await guardOf([{ version: '5.0.14' }]).inspect(client)).toMatchObject({
      finding: {
        kind: 'refused',
        detail: 'Redis 5.0.14 is too old. Redis 6.2 or Valkey is needed',
      },
    })
  })

  it('is asked once a second, and at once on a new connection', async () => {
    const guard = guardOf([{}])
    await guard.inspect(client)
    await timer.advance(999)
    await guard.inspect(client)
    expect(asked).toBe(1)
    await timer.advance(1)
    await guard.inspect(client)
    expect(asked).toBe(2)
    guard.forget()
    await guard.inspect(client)
    expect(asked).toBe(3)
  })

  it.each<[string, Partial<ServerFacts>, boolean]>([
    ['must not be used', { version: '5.0.14' }, false],
    ['keeps nothing on disk', { appendOnly: false }, true],
  ])(
    'that %s is asked each time, so that it is taken once it is mended',
    async (_name, word, fsync) => {
      const guard = guardOf([word, word, {}], { fsync })
      for (let look = 0; look < 3; look += 1) await guard.inspect(client)
      expect(await guard.inspect(client)).toEqual({
        finding: { kind: 'fine' },
        undurable: undefined,
      })
      expect(asked).toBe(3)
    },
  )
})

describe('a server that is set to evict', () => {
  let told: unknown[][]
  beforeEach(() => {
    told = []
    jest.spyOn(process, 'emitWarning').mockImplementation((...words) => void told.push(words))
  })
  afterEach(() => {
    jest.restoreAllMocks()
  })

  it('is refused, by its policy', async () => {
    expect(await guardOf([FOR_A_CACHE]).inspect(client)).toMatchObject({
      finding: {
        kind: 'refused',
        detail: expect.stringMatching(/^Redis may evict revocations.* is allkeys-lru\./),
      },
    })
    expect(told).toEqual([])
  })

  it('is taken where that is asked for, with one warning', async () => {
    const evicting = [FOR_A_CACHE, { ...FOR_A_CACHE, evictedKeys: 7 }]
    const guard = guardOf(evicting, { onEviction: 'warn' })
    for (let look = 0; look < 3; look += 1) {
      expect(await guard.inspect(client)).toMatchObject({ finding: { kind: 'fine' } })
      guard.forget()
    }
    expect(told).toEqual([
      [
        expect.stringMatching(/^redisRevocationStore: Redis may evict revocations/),
        { code: 'ERS_REDIS_EVICTION' },
      ],
    ])
  })
})

describe('a server that has evicted', () => {
  it('has lost keys since it was last known to be whole, in one run of it', async () => {
    const guard = guardOf([
      { evictedKeys: 5 },
      { runId: 'run-2', evictedKeys: 9 },
      { runId: 'run-2', evictedKeys: 10 },
    ])
    expect(await looks(guard, 1)).toMatchObject({ finding: { kind: 'fine' } })
    expect(await looks(guard, 2)).toMatchObject({ finding: { kind: 'fine' } })
    expect(await looks(guard, 2)).toMatchObject({
      finding: { kind: 'lost', detail: 'Redis has evicted 1 keys' },
    })
  })

  it('has lost them until that is dealt with, and no more from then on', async () => {
    const guard = guardOf([{}, { evictedKeys: 2 }])
    await looks(guard, 2)
    expect(await guard.inspect(client)).toMatchObject({ finding: { kind: 'lost' } })
    guard.settle()
    const before = asked
    expect(await guard.inspect(client)).toMatchObject({ finding: { kind: 'fine' } })
    expect(asked).toBe(before)
    expect(await looks(guard, 2)).toMatchObject({ finding: { kind: 'fine' } })
  })

  it('is held to what it did while it was refused', async () => {
    const guard = guardOf([{}, { ...FOR_A_CACHE, evictedKeys: 3 }, { evictedKeys: 3 }])
    expect(await looks(guard, 3)).toMatchObject({
      finding: { kind: 'lost', detail: 'Redis has evicted 3 keys' },
    })
  })

  it('is believed where eviction is only warned of', async () => {
    const guard = guardOf([{}, { evictedKeys: 3 }], { onEviction: 'warn' })
    expect(await looks(guard, 2)).toMatchObject({ finding: { kind: 'fine' } })
  })
})

describe('a server that shall have each revocation on disk', () => {
  it.each([
    ['Redis 6.2', { version: '6.2.9' }, /needs WAITAOF of Redis 7.2 or Valkey.*6.2.9/],
    ['Redis 7.0', { version: '7.0.15' }, /needs WAITAOF of Redis 7.2 or Valkey.*7.0.15/],
    ['no append-only file', { appendOnly: false }, /Set appendonly to yes/],
    ['an append-only file', {}, /^$/],
    ['an append-only file, Redis 8', { version: '8.0.0' }, /^$/],
  ])('says whether it can: %s', async (_name, word, message) => {
    const { finding, undurable } = await guardOf([word]).inspect(client)
    expect(finding.kind).toBe('fine')
    expect(undurable ?? '').toMatch(message)
  })

  it('is asked for nothing where that is not wanted', async () => {
    const guard = guardOf([{ appendOnly: false }], { fsync: false })
    expect(await guard.inspect(client)).toEqual({ finding: { kind: 'fine' }, undurable: undefined })
  })
})
