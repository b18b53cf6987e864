import { beforeAll, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { mergeMarks, type Mark } from '../../../../lib/revocation/facts.js'
import { RevocationUnavailable } from '../../../../lib/revocation/store.js'
import type { RedisRevocationStore } from '../../../../lib/redis.js'
import { createKeyNames } from '../../../../lib/revocation/redis/schema/key-names.js'
import { formatMark, parseMark } from '../../../../lib/revocation/redis/schema/records.js'
import { redisForAllTests } from '../../../support/redis-under-test.js'
import { arbitraryMark } from '../../../support/arbitrary-mark.js'
import { outcome, token } from '../../../support/redis-store.js'
import { FUZZ_RUNS } from '../../../support/runs.js'

let store: RedisRevocationStore
const redis = redisForAllTests()
const { stores } = redis
const keys = createKeyNames('revocations', false)
const ISSUER = 'https://id.test'

beforeAll(async () => {
  store = await redis.readyStore()
})

describe('a mark in Redis', () => {
  it('says what it said before it was written', () => {
    fc.assert(
      fc.property(arbitraryMark, (mark) => {
        expect(parseMark(formatMark(mark))).toEqual(mark)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('is merged by the script as mergeMarks merges it, in any order', async () => {
    let subjects = 0
    await fc.assert(
      fc.asyncProperty(arbitraryMark, arbitraryMark, async (held, added) => {
        subjects += 1
        const subject = `subject-${subjects}`
        const key = keys.entry('subject', ISSUER, subject)
        await redis.admin.set(key, formatMark(held), 'EX', 1000)
        await storeMark(subject, added)
        expect(parseMark(await redis.admin.get(key))).toEqual(mergeMarks(held, added))
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it.each(['', 'soon', '12;', '12;a', '12;=3', '12;a=soon', '1e9', '0x10', '12;a=', 'v2:12'])(
    'is not read where it is %j',
    (record) => {
      expect(() => parseMark(record)).toThrow(RevocationUnavailable)
    },
  )
})

describe('a record of an unknown format', () => {
  it.each([
    ['token', keys.entry('token', ISSUER, 'token-1')],
    ['session', keys.entry('session', ISSUER, 'session-1')],
    ['subject', keys.entry('subject', ISSUER, 'user-1')],
    ['client', keys.entry('client', ISSUER, 'client-1')],
    ['version', keys.entry('version', ISSUER, 'user-1')],
    ['issuer', keys.all(ISSUER)],
    ['all', keys.all(undefined)],
  ])('means "cannot tell", and is not written over: %s', async (kind, key) => {
    await redis.admin.set(key, 'v2:soon')
    expect(await outcome(store)).toBe('unavailable')
    const revoking = {
      token: () => store.revokeToken(token()),
      session: () => store.revokeSession({ issuer: ISSUER, sessionId: 'session-1' }),
      subject: () => store.revokeSubject({ issuer: ISSUER, subject: 'user-1' }),
      client: () => store.revokeClient({ issuer: ISSUER, clientId: 'client-1' }),
      version: () => store.requireTokenVersion({ issuer: ISSUER, subject: 'user-1' }, 1),
      issuer: () => store.revokeAll({ issuer: ISSUER }),
      all: () => store.revokeAll(),
    }[kind]
    const before = await redis.admin.mget(keys.sequence, key)
    await expect(revoking?.()).rejects.toThrow(/cannot read/)
    expect(await redis.admin.mget(keys.sequence, key)).toEqual(before)
    await redis.admin.del(key)
  })

  it('is any text that we did not write: a check answers all the same, and never lets a named token pass', async () => {
    const flags = [
      keys.entry('token', ISSUER, 'token-1'),
      keys.entry('session', ISSUER, 'session-1'),
    ]
    const seconds = [keys.entry('subject', ISSUER, 'user-1'), keys.all(ISSUER), keys.all(undefined)]
    const record = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.stringMatching(/^[0-9;=a-z.-]{0,12}$/),
    )
    const property = fc.asyncProperty(
      fc.constantFrom(...flags, ...seconds),
      record,
      async (key, text) => {
        await redis.admin.set(key, text)
        const answer = await outcome(store)
        await redis.admin.del(key)
        const possible = flags.includes(key)
          ? ['token', 'session']
          : ['accepted', 'subject', 'issuer', 'all']
        expect([...possible, 'unavailable']).toContain(answer)
      },
    )
    await fc.assert(property, { numRuns: FUZZ_RUNS })
  })

  it('does not move the sequence where the key is of another type', async () => {
    const key = keys.entry('token', ISSUER, 'token-1')
    await redis.admin.hset(key, 'a', 1)
    const before = await redis.admin.get(keys.sequence)
    await expect(store.revokeToken(token())).rejects.toThrow(/WRONGTYPE/)
    expect(await redis.admin.get(keys.sequence)).toBe(before)
    await redis.admin.del(key)
  })

  it('stops everything where it is the lineage: a newer version may mean anything by it', async () => {
    const lineage = (await redis.admin.get(keys.lineage)) ?? ''
    await redis.admin.set(keys.lineage, 'v3:anything')
    expect(await outcome(store)).toBe('unavailable')
    await redis.admin.set(keys.lineage, lineage)
    await store.acceptDataLoss()
    expect(await outcome(store)).toBe('accepted')
  })
})

describe('lifetimes in Redis', () => {
  it('keeps a token past its exp by more than any clock tolerance (X-05)', async () => {
    const { expiresAt } = token()
    await store.revokeToken(token({ tokenId: 'kept' }))
    const forgetAt = await redis.admin.pexpiretime(keys.entry('token', ISSUER, 'kept'))
    expect(forgetAt / 1000).toBeGreaterThanOrEqual(expiresAt + 61)
    expect(forgetAt / 1000).toBeLessThan(expiresAt + 70)
  })

  it('never shortens one', async () => {
    const expiresAt = token().expiresAt
    await store.revokeToken(token({ tokenId: 'twice', expiresAt: expiresAt + 1000 }))
    await store.revokeToken(token({ tokenId: 'twice', expiresAt }))
    const forgetAt = await redis.admin.pexpiretime(keys.entry('token', ISSUER, 'twice'))
    expect(forgetAt / 1000).toBeGreaterThan(expiresAt + 1000)
  })

  it('takes the later of two clocks where Redis is ahead of us', async () => {
    const behind = await stores.ready({
      redis: redis.url,
      clock: () => Date.now() / 1000 - 3600,
    })
    const inOurTime = token({ tokenId: 'behind', expiresAt: token().expiresAt - 3600 })
    await behind.revokeToken(inOurTime)
    expect(await redis.admin.pttl(keys.entry('token', ISSUER, 'behind'))).toBeGreaterThan(240_000)
  })
})

/** By calls that lead to the mark: one for each second that some session is judged by. */
async function storeMark(subject: string, mark: Mark): Promise<void> {
  const levels = new Set([mark.notBefore, ...mark.sessions.values()])
  for (const issuedBefore of levels) {
    if (issuedBefore === Number.NEGATIVE_INFINITY) continue
    const exceptSessions = [...mark.sessions].flatMap(([session, own]) =>
      own < issuedBefore ? [session] : [],
    )
    await store.revokeSubject({ issuer: ISSUER, subject }, { issuedBefore, exceptSessions })
  }
}
