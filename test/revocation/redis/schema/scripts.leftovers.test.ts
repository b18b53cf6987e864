import { describe, expect, it } from '@jest/globals'
import type { RedisRevocationStore } from '../../../../lib/redis.js'
import { createKeyNames } from '../../../../lib/revocation/redis/schema/key-names.js'
import { ALL_KINDS, NO_KINDS } from '../../../../lib/revocation/redis/schema/kinds.js'
import { freshToken, outcome, token, untilOutcome } from '../../../support/redis-store.js'
import { redisForEachTest } from '../../../support/redis-under-test.js'

const redis = redisForEachTest()
const keys = createKeyNames('revocations', false)
const { issuer } = token()
const SESSION = keys.entry('session', issuer, 'session-1')

const CONTROL = [keys.lineage, keys.sequence, keys.log, keys.kinds]
/** Every choice of them but none. */
const LOSSES = Array.from({ length: 15 }, (_, i) =>
  CONTROL.filter((_key, bit) => ((i + 1) >> bit) % 2 === 1),
).map((lost) => [lost.join(', '), lost] as const)

const revokeSession = (store: RedisRevocationStore): Promise<unknown> =>
  store.revokeSession({ issuer, sessionId: 'session-1' })

/** Of tokens that no floor refuses. Before its first answer a store asks for all kinds. */
async function laterOutcome(store: RedisRevocationStore): Promise<string> {
  await untilOutcome(store, 'session', freshToken())
  return outcome(store, freshToken())
}

/** As a process of the version before, which after a loss begins a lineage of its own beside the count. */
async function revokeUncounted(): Promise<void> {
  const store = await redis.readyStore()
  await store.revokeToken(token({ tokenId: 'other' }))
  await store.close()
  await redis.admin.set(keys.lineage, 'v1:1000000:second:-:1:1')
  await redis.admin.set(SESSION, '1')
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

  it.each([
    [999, NO_KINDS],
    [30_000, ALL_KINDS],
  ])('are looked for among %i keys of others: %s', async (count, kinds) => {
    const fill = "for i = 1, ARGV[1] do redis.call('SET', '{revocations' .. i .. '}:j', '1') end"
    await redis.admin.eval(fill, 0, count)
    await redis.readyStore()
    expect(await redis.admin.get(keys.kinds)).toBe(kinds)
  })

  it('are none after FLUSHALL, whoever knew of some before', async () => {
    const store = await redis.readyStore()
    await revokeSession(store)
    await redis.admin.flushall()
    await untilOutcome(store, 'floor')
    expect(await redis.admin.get(keys.kinds)).toBe(NO_KINDS)
    await revokeSession(store)
    expect(await laterOutcome(store)).toBe('session')
  })

  it('may be there where the user of Redis may not look', async () => {
    await redis.admin.acl('SETUSER', 'default', '-scan')
    await redis.readyStore()
    expect(await redis.admin.get(keys.kinds)).toBe(ALL_KINDS)
  })
})

describe('what a process of the version before stores', () => {
  it('is asked for', async () => {
    await revokeUncounted()
    const store = await redis.readyStore()
    expect(await outcome(store)).toBe('session')
    expect(await outcome(store)).toBe('session')
  })

  it('is asked for after the next loss too', async () => {
    await revokeUncounted()
    const store = await redis.readyStore()
    await redis.admin.del(keys.sequence)
    await untilOutcome(store, 'floor', token({ sessionId: 'session-2' }))
    expect(await redis.admin.get(keys.lineage)).toMatch(/^v2:/)
    expect(await outcome(store, freshToken())).toBe('session')
    expect(await outcome(store, freshToken())).toBe('session')
  })
})
