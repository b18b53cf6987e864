import { beforeEach, describe, expect, it } from '@jest/globals'
import { GUARD_TOLERANCE } from '../../lib/core/auth/guard-tolerance.js'
import { ENTRIES_PER_SUBJECT } from '../../lib/revocation/share.js'
import type {
  RevocationQuery,
  RevocationReceipt,
  RevocationStore,
} from '../../lib/revocation/store.js'
import { ISSUER, OTHER_ISSUER, type ItsStore } from './store-under-test.js'

/** A token that a guard with that tolerance has verified. */
function verifiedBy(clockToleranceSeconds: number, token: RevocationQuery): RevocationQuery {
  return Object.freeze({ ...token, [GUARD_TOLERANCE]: clockToleranceSeconds })
}

/** What every store promises about whoever revokes without end. */
export function itIsNotFilledByOne(its: ItsStore): void {
  const { token, verdict } = its
  let store: RevocationStore
  let now: number
  const endSession = (name: string, subject = 'user-1'): Promise<RevocationReceipt> =>
    its.store.revokeSession({ issuer: ISSUER, subject, sessionId: name })
  const endSessions = async (): Promise<void> => {
    const names = Array.from({ length: ENTRIES_PER_SUBJECT }, (_, index) => `used-${index}`)
    await Promise.all(names.map((name) => endSession(name)))
  }
  beforeEach(() => {
    store = its.store
    now = its.now
  })

  describe('a revocation that changes nothing', () => {
    const user = { issuer: ISSUER, subject: 'user-1' }
    const session = { issuer: ISSUER, sessionId: 'session-1' }
    const client = { issuer: ISSUER, clientId: 'client-1' }
    it.each<[string, () => Promise<RevocationReceipt>]>([
      ['of a token', () => store.revokeToken(token())],
      ['of a session', () => store.revokeSession(session)],
      ['of a user', () => store.revokeSubject(user)],
      ['of all but some sessions', () => store.revokeSubject(user, { exceptSessions: ['b', 'a'] })],
      ['of a client', () => store.revokeClient(client)],
      ['of an issuer', () => store.revokeAll({ issuer: ISSUER })],
      ['of a version', () => store.requireTokenVersion(user, 3)],
    ])('is confirmed, and not counted: %s', async (_name, revoke) => {
      const first = await revoke()
      expect(await revoke()).toEqual(first)
      expect(await verdict()).toMatchObject({ revoked: true })
      const next = await store.revokeToken(token({ tokenId: 'token-2' }))
      expect(next.sequence).toBe(first.sequence + 1)
    })

    it('is the same a little later, and counted where the entry must be kept for longer', async () => {
      const first = await store.revokeSession(session)
      its.now += 60
      expect(await store.revokeSession(session)).toEqual(first)
      its.now += 3600
      expect((await store.revokeSession(session)).sequence).toBe(first.sequence + 1)
    })

    it('is counted where it revokes more', async () => {
      const first = await store.revokeSubject(user, { issuedBefore: now - 100 })
      const more = await store.revokeSubject(user)
      expect(more.sequence).toBe(first.sequence + 1)
      const less = await store.revokeSubject(user, { issuedBefore: now - 50 })
      expect(less.sequence).toBe(more.sequence)
      expect(await verdict()).toEqual({ revoked: true, by: 'subject' })
    })
  })

  describe('the share of one user', () => {
    const user = { issuer: ISSUER, subject: 'user-1' }

    it('is as many sessions, each of which ends alone', async () => {
      await endSessions()
      expect(await verdict()).toEqual({ revoked: false })
      expect(await verdict({ sessionId: 'used-0' })).toEqual({ revoked: true, by: 'session' })
    })

    it('used up, makes the next logout one of all sessions, and its receipt says until when', async () => {
      await endSessions()
      expect(await endSession('next')).toMatchObject({ notBefore: now })
      expect(await verdict({ sessionId: 'next' })).toEqual({ revoked: true, by: 'subject' })
      expect(await verdict({ issuedAt: now })).toEqual({ revoked: true, by: 'subject' })
      // The user logs in again.
      expect(await verdict({ issuedAt: now + 1 })).toEqual({ revoked: false })
      // What was revoked before stays so, for tokens issued later too.
      const later = { sessionId: 'used-1', issuedAt: now + 1 }
      expect(await verdict(later)).toEqual({ revoked: true, by: 'session' })
    })

    it('used up, lets no session through that a mark has spared', async () => {
      await store.revokeSubject(user, { exceptSessions: ['session-1'] })
      await endSessions()
      await endSession('session-1')
      expect(await verdict()).toEqual({ revoked: true, by: 'subject' })
    })

    it('used up, ends a session again without counting anything', async () => {
      await endSessions()
      const again = await endSession('used-7')
      expect(again).not.toHaveProperty('notBefore')
      const next = await endSession('next')
      expect(next.sequence).toBe(again.sequence + 1)
      expect(await endSession('next')).toEqual(next)
    })

    it('used up by sessions, leaves that of tokens, and those of other users', async () => {
      await endSessions()
      expect(await store.revokeToken(token())).not.toHaveProperty('notBefore')
      expect(await endSession('next', 'user-2')).not.toHaveProperty('notBefore')
      expect(await verdict({ tokenId: 'token-2' })).toEqual({ revoked: false })
    })

    it('used up by tokens, makes the next one a mark at its iat', async () => {
      const ids = Array.from({ length: ENTRIES_PER_SUBJECT }, (_, index) => `used-${index}`)
      await Promise.all(ids.map((tokenId) => store.revokeToken(token({ tokenId }))))
      const issuedAt = now - 30
      const next = await store.revokeToken(token({ tokenId: 'next', issuedAt }))
      expect(next.notBefore).toBe(issuedAt)
      expect(await verdict({ tokenId: 'next', issuedAt })).toEqual({ revoked: true, by: 'subject' })
      expect(await verdict({ issuedAt: issuedAt + 1 })).toEqual({ revoked: false })
      expect(await store.revokeToken(token({ tokenId: 'next', issuedAt }))).toEqual(next)
    })

    it('is not asked about where nobody says whose session it is', async () => {
      await endSessions()
      const receipt = await store.revokeSession({ issuer: ISSUER, sessionId: 'next' })
      expect(receipt).not.toHaveProperty('notBefore')
      expect(await verdict({ sessionId: 'next' })).toEqual({ revoked: true, by: 'session' })
      expect(await verdict()).toEqual({ revoked: false })
    })
  })

  describe('an issuer whose clock is ahead', () => {
    it.each<[string, () => Promise<RevocationReceipt>]>([
      ['a user', () => store.revokeSubject({ issuer: ISSUER, subject: 'user-1' })],
      ['a client', () => store.revokeClient({ issuer: ISSUER, clientId: 'client-1' })],
      ['its tokens', () => store.revokeAll({ issuer: ISSUER })],
      ['all tokens', () => store.revokeAll()],
    ])('is followed as far as the guard in front tolerates: %s', async (_name, revoke) => {
      const ahead = verifiedBy(30, token({ issuedAt: now + 20 }))
      await store.check(ahead)
      expect(await revoke()).toMatchObject({ notBefore: now + 30 })
      expect(await store.check(ahead)).toMatchObject({ revoked: true })
    })

    it('is not taken for another one', async () => {
      await store.check(verifiedBy(30, token({ issuer: OTHER_ISSUER })))
      const { notBefore } = await store.revokeSubject({ issuer: ISSUER, subject: 'user-1' })
      expect(notBefore).toBe(now)
    })

    it.each([Number.NaN, -5, 1e9])(
      'is not followed on the word %j',
      async (clockToleranceSeconds) => {
        await store.check(verifiedBy(clockToleranceSeconds, token()))
        const { notBefore = 0 } = await store.revokeAll()
        expect(notBefore).toBeGreaterThanOrEqual(now)
        expect(notBefore).toBeLessThanOrEqual(now + 60)
      },
    )
  })
}
