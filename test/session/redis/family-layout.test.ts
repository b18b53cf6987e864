import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { redisFamilyStore } from '../../../lib/redis.js'
import type { FamilyStore, NewFamily } from '../../../lib/session/family-store.js'
import { newFamilyId } from '../../../lib/session/family-token.js'
import { until } from '../../../tools/until.js'
import { redisForAllTests } from '../../support/redis-under-test.js'

const LIFETIME = { idleMs: 1_209_600_000, absoluteMs: 2_592_000_000, mostPerSubject: 100 }
const ISSUER = 'https://id.example.com'

function login(): NewFamily {
  return { issuer: ISSUER, subject: randomUUID(), clientId: 'web', sessionId: randomUUID() }
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

  it.each([
    { families: 3000, perUser: 1, bytes: 250 },
    { families: 3000, perUser: 3, bytes: 140 },
    { families: 3000, perUser: 30, bytes: 80 },
  ])(
    'take $bytes bytes at most where a user has $perUser',
    async ({ families, perUser, bytes }) => {
      await store.start(newFamilyId(ISSUER, 'warm-up'), login(), LIFETIME)
      const before = await usedBytes()
      const begin = async (): Promise<void> => {
        const user = login()
        for (let index = 0; index < perUser; index += 1) {
          const family = { ...user, sessionId: randomUUID() }
          await store.start(newFamilyId(ISSUER, user.subject), family, LIFETIME)
        }
      }
      await Promise.all(Array.from({ length: families / perUser }, begin))
      expect(((await usedBytes()) - before) / families).toBeLessThanOrEqual(bytes)
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
    const names = fc.record({ issuer: name, subject: name, clientId: name, sessionId: name })
    await fc.assert(
      fc.asyncProperty(names, async (family) => {
        const id = newFamilyId(family.issuer, family.subject)
        expect(await store.start(id, family, LIFETIME)).toMatchObject(family)
        expect(await store.find(id)).toMatchObject(family)
      }),
    )
  })

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

  it('leave the hash when they are over, though the key lives on for others', async () => {
    const [kept, over] = [newFamilyId(ISSUER, 'user'), newFamilyId(ISSUER, 'user')]
    const family = login()
    await store.start(kept, family, LIFETIME)
    await store.start(over, family, { ...LIFETIME, idleMs: 1 })
    await until(async () => expect(await store.find(over)).toBeUndefined())
    expect(await redis.admin.hkeys(`families:{${kept.tag}}`)).toEqual(['', kept.id])
  })
})
