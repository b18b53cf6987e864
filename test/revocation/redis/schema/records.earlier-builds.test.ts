import { describe, expect, it } from '@jest/globals'
import { createKeyNames } from '../../../../lib/revocation/redis/schema/key-names.js'
import { outcome, revokeStrangers, token } from '../../../support/redis-store.js'
import { redisForEachTest } from '../../../support/redis-under-test.js'

const redis = redisForEachTest()
const keys = createKeyNames('revocations', false)
const { issuer } = token()
const LONG_AGO = '1000000'

/** A way to revoke `token()`, what its entry is, and who says so. */
const KINDS: readonly [by: string, key: string, record: string][] = [
  ['token', keys.entry('token', issuer, 'token-1'), '1'],
  ['session', keys.entry('session', issuer, 'session-1'), '1'],
  ['subject', keys.entry('subject', issuer, 'user-1'), '99999999999'],
  ['client', keys.entry('client', issuer, 'client-1'), '99999999999'],
  ['version', keys.entry('version', issuer, 'user-1'), '1'],
  ['issuer', keys.all(issuer), '99999999999'],
  ['all', keys.all(undefined), '99999999999'],
]

/** Data of a build that counted kinds of entries (version 2), or of one before (version 1). */
async function write(version: 1 | 2, key: string, record: string, kinds: string): Promise<void> {
  const name = key.slice(keys.prefix.length)
  await redis.admin.xadd(keys.log, '*', 'n', 1, 'k', name, 'v', record, 'e', Date.now() + 1e6)
  await redis.admin.mset(keys.sequence, 1, key, record)
  if (version === 2) await redis.admin.set(keys.retiredKinds, kinds)
  await redis.admin.set(keys.lineage, `v${version}:${LONG_AGO}:first:-:0:0`)
}

describe('data of a build that counted kinds of entries', () => {
  it.each(KINDS)('revoke what they revoked: %s', async (by, key, record) => {
    await write(2, key, record, `-${key.charAt(keys.prefix.length)}`)
    expect(await outcome(await redis.readyStore())).toBe(by)
    expect(await redis.admin.get(keys.lineage)).toMatch(/^v2:/)
  })

  it.each(KINDS)('revoke without a count, as version 1 did: %s', async (by, key, record) => {
    await write(1, key, record, '')
    expect(await outcome(await redis.readyStore())).toBe(by)
  })

  it.each(KINDS)('revoke in replicated mode: %s', async (by, key, record) => {
    await write(2, key, record, '-')
    const store = await redis.readyStore({ mode: 'replicated' })
    expect(await outcome(store)).toBe(by)
  })

  it.each(['', '-', '-x', 'v9'])('revoke whatever the count says: %j', async (kinds) => {
    const [, key, record] = KINDS[1]!
    await write(2, key, record, kinds)
    expect(await outcome(await redis.readyStore())).toBe('session')
  })

  it('revoke where the count is of another type', async () => {
    const [, key, record] = KINDS[1]!
    await write(2, key, record, '-')
    await redis.admin.del(keys.retiredKinds)
    await redis.admin.hset(keys.retiredKinds, 'not', 'ours')
    const store = await redis.readyStore()
    await store.revokeToken(token({ sessionId: 'session-2' }))
    expect(await outcome(store)).toBe('token')
    expect(await outcome(store, token({ tokenId: 'token-2' }))).toBe('session')
  })
})

describe('a process of an earlier build, beside one of this', () => {
  it('is told to ask for every kind once something is revoked', async () => {
    const [, key, record] = KINDS[0]!
    await write(2, key, record, '-j')
    const store = await redis.readyStore()
    await store.revokeClient({ issuer, clientId: 'client-1' })
    expect(await redis.admin.get(keys.retiredKinds)).toBe('-jdscvg')
  })

  it('finds no count in data that this build began', async () => {
    const store = await redis.readyStore()
    await revokeStrangers(store)
    expect(await redis.admin.get(keys.lineage)).toMatch(/^v1:/)
    expect(await redis.admin.exists(keys.retiredKinds)).toBe(0)
  })
})
