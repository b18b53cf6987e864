import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { redisFamilyStore } from '../../../lib/redis.js'
import type { FamilyStore, NewFamily } from '../../../lib/session/family-store.js'
import { newFamilyId, type FamilyId as Id } from '../../../lib/session/family-token.js'
import { until } from '../../../tools/until.js'
import { redisForAllTests } from '../../support/redis-under-test.js'

const LIFETIME = { idleMs: 1_209_600_000, absoluteMs: 2_592_000_000, mostPerSubject: 100 }
const ISSUER = 'https://id.example.com'

function login(): NewFamily {
  return { subject: randomUUID(), clientId: 'web', sessionId: randomUUID() }
}

describe('families as they lie in Redis', () => {
  const redis = redisForAllTests()
  let store: FamilyStore
  beforeEach(async () => {
    await redis.admin.flushall()
    store = redisFamilyStore({ redis: redis.url, deadlineMs: 10_000 })
    // It waits for its connection for 2 seconds, and the first value of a property takes longer.
    await store.find(newFamilyId(ISSUER, 'nobody'))
  })
  afterEach(() => store.close())

  async function usedBytes(): Promise<number> {
    return Number(/used_memory:(\d+)/.exec(await redis.admin.info('memory'))?.[1])
  }

  // Of 4,100 keys, Redis's own table is as large as it gets: it doubles at 4,096.
  it.each([
    { users: 4100, perUser: 1, clientId: 'web', bytes: 250 },
    { users: 3000, perUser: 1, clientId: randomUUID(), bytes: 250 },
    { users: 1000, perUser: 3, clientId: 'web', bytes: 120 },
    { users: 100, perUser: 30, clientId: 'web', bytes: 70 },
  ])(
    'of $users users take $bytes bytes each at most where a user has $perUser',
    async ({ users, perUser, clientId, bytes }) => {
      await store.start(newFamilyId(ISSUER, 'warm-up'), login(), LIFETIME)
      const before = await usedBytes()
      const begin = async (): Promise<void> => {
        const user = { ...login(), clientId }
        for (let index = 0; index < perUser; index += 1) {
          const family = { ...user, sessionId: randomUUID() }
          await store.start(newFamilyId(ISSUER, user.subject), family, LIFETIME)
        }
      }
      for (let begun = 0; begun < users; begun += 100) {
        await Promise.all(Array.from({ length: 100 }, begin))
      }
      expect(((await usedBytes()) - before) / (users * perUser)).toBeLessThanOrEqual(bytes)
    },
  )

  it('hold no token, and nothing beyond the life of the last of them', async () => {
    const [longer, shorter] = [newFamilyId(ISSUER, 'user'), newFamilyId(ISSUER, 'user')]
    const user = { ...login(), subject: 'user' }
    await store.start(longer, user, LIFETIME)
    await store.start(shorter, user, { ...LIFETIME, idleMs: 60_000 })
    expect(await redis.admin.keys('*')).toEqual([`families:{${longer.tag}}`])
    const left = await redis.admin.pttl(`families:{${longer.tag}}`)
    expect(left).toBeGreaterThan(LIFETIME.idleMs - 60_000)
    expect(left).toBeLessThanOrEqual(LIFETIME.idleMs)
  })

  it('come back as they were given, whatever their names are', async () => {
    const name = fc.oneof(
      fc.uuid(),
      fc.uuid().map((uuid) => uuid.toUpperCase()),
      fc.webUrl(),
      fc.constantFrom('https://', '\u0001', '\u0002a', '\u0003\u0001', '\u0000', '-', 'é\n'),
      fc.string({ minLength: 1, unit: 'grapheme' }),
    )
    const names = fc.record({ subject: name, clientId: name, sessionId: name })
    await fc.assert(
      fc.asyncProperty(names, async (family) => {
        const id = newFamilyId(ISSUER, family.subject)
        expect(await store.start(id, family, LIFETIME)).toMatchObject(family)
        expect(await store.find(id)).toMatchObject(family)
      }),
    )
  })

  it.each([60_000, 60_001, 65_535 * 60_000, 65_536 * 60_000, 315_360_000_000])(
    'live for %d ms, through each change',
    async (absoluteMs) => {
      const id = newFamilyId(ISSUER, 'user')
      const rules = { ...LIFETIME, graceMs: 0, idleMs: absoluteMs }
      const begun = await store.start(id, login(), { ...rules, absoluteMs })
      expect(begun.expiresAtMs - begun.startedAtMs).toBe(absoluteMs)
      const rotated = await store.rotate(id, { count: 1, clientId: 'web' }, rules)
      expect(rotated?.family).toMatchObject({ expiresAtMs: begun.expiresAtMs, count: 2 })
      const left = await redis.admin.pttl(`families:{${id.tag}}`)
      expect(Math.abs(left - absoluteMs)).toBeLessThan(10_000)
    },
  )

  it.each([150, 253, 254, 255, 256, 8192])(
    'come back where names have %d characters, and leave others alone',
    async (length) => {
      const name = 'n'.repeat(length)
      const user = { subject: name, clientId: name, sessionId: name }
      const ids = [1, 2, 3].map(() => newFamilyId(ISSUER, name))
      for (const id of ids) await store.start(id, user, LIFETIME)
      await store.rotate(ids[1]!, { count: 1, clientId: name }, { ...LIFETIME, graceMs: 0 })
      const found = await Promise.all(ids.map((id) => store.find(id)))
      expect(found).toEqual([1, 2, 1].map((count) => expect.objectContaining({ ...user, count })))
      expect(await store.endSubject(ids[0]!.tag, undefined)).toBe(3)
    },
  )

  it('take no two clients or sessions for one: a name may look like the packed form of another', async () => {
    const uuid = '41424344-4546-4748-494a-4b4c4d4e4f50'
    const packed = '\u0001ABCDEFGHIJKLMNOP'
    const id = newFamilyId(ISSUER, 'user')
    await store.start(id, { ...login(), clientId: uuid, sessionId: uuid }, LIFETIME)
    const rules = { ...LIFETIME, graceMs: 0 }
    const stolen = await store.rotate(id, { count: 1, clientId: packed }, rules)
    expect(stolen?.rotation).toBe('wrong_client')
    expect(await store.endSubject(id.tag, uuid)).toBe(0)
    expect(await store.endSubject(id.tag, packed)).toBe(1)
  })

  it('never belong to another user, should two users have one tag', async () => {
    const [one, other] = [newFamilyId(ISSUER, 'one'), newFamilyId(ISSUER, 'other')]
    const family = { ...login(), subject: 'one' }
    await store.start(one, family, LIFETIME)
    const begun = store.start({ ...other, tag: one.tag }, { ...family, subject: 'other' }, LIFETIME)
    await expect(begun).rejects.toThrow('another user')
    expect(await store.find(one)).toMatchObject({ subject: 'one' })
  })

  it('leave with the next login when they are over, though the key lives on for others', async () => {
    const [kept, over, next] = [1, 2, 3].map(() => newFamilyId(ISSUER, 'user')) as [Id, Id, Id]
    const begin = (id: Id, idleMs = LIFETIME.idleMs): Promise<unknown> =>
      store.start(id, { ...login(), subject: 'user' }, { ...LIFETIME, idleMs })
    const length = (): Promise<number> => redis.admin.strlen(`families:{${kept.tag}}`)
    await begin(kept)
    const ofOne = await length()
    await begin(over, 1)
    await until(async () => expect(await store.find(over)).toBeUndefined())
    await begin(next)
    const owner = 1 + 'user'.length
    expect(await length()).toBe(2 * ofOne - owner)
    expect((await store.list(kept.tag)).length).toBe(2)
  })
})
