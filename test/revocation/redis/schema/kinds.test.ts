import { describe, expect, it } from '@jest/globals'
import type { RedisRevocationStore } from '../../../../lib/redis.js'
import { createKeyNames } from '../../../../lib/revocation/redis/schema/key-names.js'
import { ALL_KINDS, covers, kindsIn } from '../../../../lib/revocation/redis/schema/kinds.js'
import { RevocationUnavailable } from '../../../../lib/revocation/store.js'
import { commandsDuring, mgetsIn } from '../../../support/monitor.js'
import {
  freshToken,
  outcome,
  revokeStrangers,
  token,
  untilOutcome,
  untilState,
} from '../../../support/redis-store.js'
import { redisForEachTest } from '../../../support/redis-under-test.js'

const redis = redisForEachTest()
const keys = createKeyNames('revocations', false)
const { issuer } = token()

/** A way to revoke `token()`, what its entry is written as, and who says so. */
const KINDS: readonly [
  by: string,
  letter: string,
  revoke: (store: RedisRevocationStore) => Promise<unknown>,
][] = [
  ['token', 'j', (store) => store.revokeToken(token())],
  ['session', 'd', (store) => store.revokeSession({ issuer, sessionId: 'session-1' })],
  ['subject', 's', (store) => store.revokeSubject({ issuer, subject: 'user-1' })],
  ['client', 'c', (store) => store.revokeClient({ issuer, clientId: 'client-1' })],
  ['version', 'v', (store) => store.requireTokenVersion({ issuer, subject: 'user-1' }, 1)],
  ['issuer', 'g', (store) => store.revokeAll({ issuer })],
  ['all', 'g', (store) => store.revokeAll()],
]

async function keysAsked(store: RedisRevocationStore): Promise<readonly string[]> {
  const [mget = []] = mgetsIn(await commandsDuring(redis.admin, () => outcome(store)))
  return mget.slice(1)
}

describe('keys of a check', () => {
  it('are none of the token while nothing was ever revoked', async () => {
    const store = await redis.readyStore()
    await outcome(store)
    expect(await keysAsked(store)).toEqual([keys.lineage, keys.sequence, keys.kinds])
  })

  it('are those of kinds that were ever revoked', async () => {
    const store = await redis.readyStore()
    await store.revokeToken(token({ tokenId: 'other' }))
    await store.revokeSession({ issuer, sessionId: 'other' })
    await outcome(store)
    expect((await keysAsked(store)).slice(3)).toEqual([
      keys.entry('token', issuer, 'token-1'),
      keys.entry('session', issuer, 'session-1'),
    ])
  })

  it('are counted once a kind, and for good', async () => {
    const store = await redis.readyStore()
    await revokeStrangers(store)
    await revokeStrangers(store)
    expect(await redis.admin.get(keys.kinds)).toBe('-jdscvg')
    expect(await redis.admin.pttl(keys.kinds)).toBe(-1)
  })
})

describe('the first revocation of a kind', () => {
  it.each(KINDS)(
    'counts at once in a process that never asked for it: %s',
    async (by, _letter, revoke) => {
      const [asking, revoking] = [await redis.readyStore(), await redis.readyStore()]
      const query = Object.freeze(token())
      const remembered = { memo: undefined }
      expect(await asking.check(query, remembered)).toEqual({ revoked: false })
      expect(await asking.check(query, remembered)).toEqual({ revoked: false })
      await revoke(revoking)
      expect(await asking.check(query, remembered)).toEqual({ revoked: true, by })
    },
  )

  it.each(KINDS)(
    'is counted with the entry, or neither is there: %s',
    async (_by, letter, revoke) => {
      const store = await redis.readyStore()
      await redis.admin.set(keys.log, 'no stream')
      await expect(revoke(store)).rejects.toThrow(RevocationUnavailable)
      expect(await redis.admin.get(keys.kinds)).toBe('-')
      await redis.admin.del(keys.log)
      await revoke(store)
      expect(await redis.admin.get(keys.kinds)).toBe(`-${letter}`)
    },
  )

  it('makes the checks that were under way ask again, and no other', async () => {
    const [asking, revoking] = [await redis.readyStore(), await redis.readyStore()]
    await outcome(asking)
    await revoking.revokeSession({ issuer, sessionId: 'session-1' })
    const commands = await commandsDuring(redis.admin, async () => {
      const outcomes = await Promise.all([
        outcome(asking),
        outcome(asking, token({ sessionId: 'other' })),
      ])
      expect(outcomes).toEqual(['session', 'accepted'])
      expect(await outcome(asking)).toBe('session')
    })
    expect(mgetsIn(commands)).toHaveLength(3)
  })
})

describe('a check that asks again', () => {
  it('is about what was asked, whatever becomes of the object that asked', async () => {
    const [asking, revoking] = [await redis.readyStore(), await redis.readyStore()]
    await outcome(asking)
    await revoking.revokeToken(token())
    const query = { ...token() }
    const answer = asking.check(query)
    query.tokenId = 'other'
    expect(await answer).toEqual({ revoked: true, by: 'token' })
  })
})

describe('what is kept beside a token', () => {
  it('is worked out anew once there are other kinds, and then kept', async () => {
    const store = await redis.readyStore()
    const query = Object.freeze(token())
    const remembered = { memo: undefined }
    await store.check(query, remembered)
    await store.check(query, remembered)
    await store.revokeToken(token({ tokenId: 'other' }))
    await store.check(query, remembered)
    const mgets = mgetsIn(
      await commandsDuring(redis.admin, async () => {
        await store.check(query, remembered)
        await store.check(query, remembered)
      }),
    )
    expect(mgets.map((mget) => mget.length)).toEqual([5, 5])
  })

  it('is of one store: another, which asks for the same kinds, works out its own', async () => {
    const [store, other] = [await redis.readyStore(), await redis.readyStore({ name: 'other' })]
    await store.revokeToken(token({ tokenId: 'other' }))
    await other.revokeToken(token())
    const query = Object.freeze(token())
    const remembered = { memo: undefined }
    for (const _ of ['before the kinds are known', 'by one kind']) {
      expect(await store.check(query, remembered)).toEqual({ revoked: false })
      expect(await other.check(query, remembered)).toEqual({ revoked: true, by: 'token' })
    }
  })
})

describe('where nobody has counted', () => {
  it.each(KINDS)('every kind is asked for: %s', async (by, _letter, revoke) => {
    const store = await redis.readyStore()
    await outcome(store)
    await redis.admin.del(keys.kinds)
    await revoke(store)
    expect(await outcome(store)).toBe(by)
    expect(await redis.admin.exists(keys.kinds)).toBe(0)
  })

  it('data of the version before are read, written and not counted', async () => {
    await redis.admin.set(keys.sequence, 0)
    await redis.admin.set(keys.lineage, 'v1:1000000:first:-:0:0')
    const store = await redis.readyStore()
    await revokeStrangers(store)
    await store.revokeSession({ issuer, sessionId: 'session-1' })
    expect(await outcome(store)).toBe('session')
    expect(await redis.admin.exists(keys.kinds)).toBe(0)
  })

  it('what is left after a loss still revokes tokens of later, whatever its kind', async () => {
    const store = await redis.readyStore()
    await store.revokeSession({ issuer, sessionId: 'session-1' })
    await redis.admin.del(keys.lineage, keys.sequence, keys.log, keys.kinds)
    await untilOutcome(store, 'floor', token({ sessionId: 'session-2' }))
    expect(await outcome(store, { ...freshToken(), sessionId: 'session-2' })).toBe('accepted')
    expect(await outcome(store, freshToken())).toBe('session')
  })
})

describe('the record of kinds', () => {
  it.each(['-', '-j', '-jdscvg'])('is read: %s', (record) => {
    expect(kindsIn(record)).toBe(record)
  })

  it.each(['', 'j', '-x', '-jx', '-j ', '-jdscvgj', 'v3'])(
    'of a newer version is "cannot tell": %j',
    async (record) => {
      expect(kindsIn(record)).toBeUndefined()
      const store = await redis.readyStore()
      await redis.admin.set(keys.kinds, record)
      expect(await outcome(store)).toBe('unavailable')
      await untilState(store, 'refused', /kinds of entries that this version does not know/)
    },
  )

  it.each(['strict', 'replicated'] as const)(
    'of a newer version is no ready store, until it can be read again: %s',
    async (mode) => {
      const store = await redis.readyStore({ mode })
      await redis.admin.set(keys.kinds, '-x')
      await untilState(store, 'refused')
      expect(store.status()).toMatchObject({ ready: false })
      expect(store.status().detail).toMatch('kinds of entries that this version does not know')
      expect(await outcome(store)).toBe('unavailable')
      await redis.admin.set(keys.kinds, '-j')
      await untilState(store, 'ready')
      expect(await outcome(store)).toBe('accepted')
    },
  )

  it('of a newer version stays as it is, and nothing is revoked beside it', async () => {
    const store = await redis.readyStore()
    await redis.admin.set(keys.kinds, 'v3:any')
    await untilState(store, 'refused')
    await expect(store.revokeToken(token())).rejects.toThrow(/record that this version cannot read/)
    expect(await redis.admin.get(keys.kinds)).toBe('v3:any')
  })

  it('of a newer version is added to where it has but one kind more: an update stops no log-out', async () => {
    const store = await redis.readyStore()
    await redis.admin.set(keys.kinds, '-x')
    await untilState(store, 'refused')
    await store.revokeToken(token())
    expect(await redis.admin.get(keys.kinds)).toBe('-xj')
  })

  it('that is of another type is not taken for none', async () => {
    const store = await redis.readyStore()
    await store.revokeSession({ issuer, sessionId: 'session-1' })
    expect(await outcome(store)).toBe('session')
    await redis.admin.del(keys.kinds)
    await redis.admin.hset(keys.kinds, 'not', 'ours')
    expect(await outcome(store)).toBe('session')
    await expect(store.revokeToken(token())).rejects.toThrow(/WRONGTYPE/)
    expect(await redis.admin.exists(keys.entry('token', issuer, 'token-1'))).toBe(0)
    await redis.admin.del(keys.sequence)
    await untilOutcome(store, 'floor', token({ sessionId: 'session-2' }))
    expect(await outcome(store)).toBe('session')
    await store.revokeToken(token({ sessionId: 'session-2' }))
    expect(await outcome(store, token({ sessionId: 'session-2' }))).toBe('token')
  })

  it('that is absent stands for all', () => {
    expect(kindsIn(undefined)).toBe(ALL_KINDS)
  })

  it.each<[string, string, boolean]>([
    ['-', '-', true],
    ['-j', '-', true],
    ['-jd', '-dj', true],
    [ALL_KINDS, '-jdscvg', true],
    ['-jdscvg', ALL_KINDS, true],
    ['-', '-j', false],
    ['-jd', '-jds', false],
    ['-', ALL_KINDS, false],
  ])('who asked for %s has asked for all of %s: %s', (asked, there, answer) => {
    expect(covers(asked, there)).toBe(answer)
  })
})
