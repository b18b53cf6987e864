import { describe, expect, it } from '@jest/globals'
import type { RedisRevocationStore } from '../../../../lib/redis.js'
import { createKeyNames } from '../../../../lib/revocation/redis/schema/key-names.js'
import { freshToken, outcome, token, untilOutcome } from '../../../support/redis-store.js'
import { redisForEachTest } from '../../../support/redis-under-test.js'

const redis = redisForEachTest()
const keys = createKeyNames('revocations', false)
const { issuer } = token()
const SESSION = keys.entry('session', issuer, 'session-1')

const CONTROL = [keys.lineage, keys.sequence, keys.log]
/** Every choice of them but none. */
const LOSSES = Array.from({ length: 7 }, (_, i) =>
  CONTROL.filter((_key, bit) => ((i + 1) >> bit) % 2 === 1),
).map((lost) => [lost.join(', '), lost] as const)

const revokeSession = (store: RedisRevocationStore): Promise<unknown> =>
  store.revokeSession({ issuer, sessionId: 'session-1' })

/** Of tokens that no floor refuses. */
async function laterOutcome(store: RedisRevocationStore): Promise<string> {
  await untilOutcome(store, 'session', freshToken())
  return outcome(store, freshToken())
}

async function sequenceAtStart(): Promise<string | undefined> {
  return /:(\d+):\d+$/.exec((await redis.admin.get(keys.lineage)) ?? '')?.[1]
}

describe('entries that a loss has left', () => {
  it.each(LOSSES)('revoke in a process that was there: %s', async (_name, lost) => {
    const store = await redis.readyStore({ stalenessBoundMs: 100 })
    await revokeSession(store)
    await redis.admin.del(...lost)
    await redis.beats(2)
    expect(await laterOutcome(store)).toBe('session')
  })

  it.each(LOSSES)('revoke in a process that starts afterwards: %s', async (_name, lost) => {
    const before = await redis.readyStore()
    await revokeSession(before)
    await before.close()
    await redis.admin.del(...lost)
    expect(await laterOutcome(await redis.readyStore())).toBe('session')
  })

  it('revoke where a process finds the loss that knew of none', async () => {
    const finding = await redis.readyStore({ stalenessBoundMs: 60_000 })
    const revoking = await redis.readyStore()
    await revokeSession(revoking)
    await revoking.close()
    await redis.admin.del(...CONTROL)
    expect(await laterOutcome(finding)).toBe('session')
  })

  it('revoke where a process has begun anew that could not see them', async () => {
    const knowing = await redis.readyStore({ stalenessBoundMs: 60_000 })
    await revokeSession(knowing)
    const left = (await redis.admin.get(SESSION)) ?? ''
    await redis.admin.flushall()
    const beginning = await redis.readyStore()
    await redis.admin.set(SESSION, left)
    await untilOutcome(knowing, 'floor', token({ sessionId: 'session-2' }))
    expect(await laterOutcome(knowing)).toBe('session')
    expect(await laterOutcome(beginning)).toBe('session')
  })
})

describe('the start of a lineage', () => {
  it('is 0 in an empty database: its log has every entry', async () => {
    await redis.readyStore()
    expect(await sequenceAtStart()).toBe('0')
  })

  it('is 0 after FLUSHALL, whoever knew of entries before', async () => {
    const store = await redis.readyStore()
    await redis.admin.flushall()
    await untilOutcome(store, 'floor')
    expect(await sequenceAtStart()).toBe('0')
    await revokeSession(store)
    expect(await laterOutcome(store)).toBe('session')
  })

  it.each([
    ['among keys of others', () => redis.admin.set('other', '1')],
    ['beside an entry that is left', () => redis.admin.set(SESSION, '1')],
    ['where the user may not ask', () => redis.admin.acl('SETUSER', 'default', '-dbsize')],
  ])('is above 0 %s', async (_name, prepare) => {
    await prepare()
    const store = await redis.readyStore()
    expect(await sequenceAtStart()).toBe('1')
    await revokeSession(store)
    expect(await outcome(store)).toBe('session')
  })
})
