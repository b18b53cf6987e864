import { beforeEach, describe, expect, it } from '@jest/globals'
import { memoryRevocationStore, type RevocationStore } from '../../lib/index.js'
import type { StoredFamily } from '../../lib/session/family.js'
import { createFamilyRevocations } from '../../lib/session/family-revocations.js'

const ISSUER = 'https://id.test'
const NOW = 1_800_000_000
const ID = { tag: 'tag', id: 'id' }
const FAMILY: StoredFamily = {
  subject: 'user',
  clientId: 'app',
  sessionId: 'sid',
  count: 2,
  startedAtMs: (NOW - 600) * 1000,
  rotatedAtMs: (NOW - 60) * 1000,
  expiresAtMs: (NOW + 3600) * 1000,
  state: 'live',
}

let store: RevocationStore

beforeEach(() => {
  store = memoryRevocationStore({ clock: () => NOW, clockToleranceSeconds: 0 })
})

function isRevoked(family = FAMILY, over = store): Promise<boolean> {
  return createFamilyRevocations(over, ISSUER).isRevoked(ID, family, 600_000)
}

describe('the denylist of families', () => {
  it.each<[string, () => Promise<unknown>, boolean]>([
    ['nothing', async () => undefined, false],
    ['its session', () => store.revokeSession({ issuer: ISSUER, sessionId: 'sid' }), true],
    [
      'the family itself',
      () => createFamilyRevocations(store, ISSUER).revokeFamily(ID, NOW + 3600),
      true,
    ],
    [
      'another family',
      () =>
        createFamilyRevocations(store, ISSUER).revokeFamily({ tag: 'tag', id: 'x' }, NOW + 3600),
      false,
    ],
    ['another session', () => store.revokeSession({ issuer: ISSUER, sessionId: 'other' }), false],
    ['its user', () => store.revokeSubject({ issuer: ISSUER, subject: 'user' }), true],
    ['its client', () => store.revokeClient({ issuer: ISSUER, clientId: 'app' }), true],
    ['a user of another issuer', () => store.revokeSubject({ issuer: 'https://x', subject: 'user' }), false], // prettier-ignore
  ])('that names %s', async (_what, revoke, ends) => {
    await revoke()
    expect(await isRevoked()).toBe(ends)
  })

  it('judges by the last use: who logs in or rotates after a logout everywhere stays', async () => {
    await store.revokeSubject({ issuer: ISSUER, subject: 'user' })
    expect(await isRevoked({ ...FAMILY, rotatedAtMs: (NOW + 1) * 1000 })).toBe(false)
  })

  it.each([
    ['idle', {}, NOW - 60 + 600],
    ['absolute', { expiresAtMs: (NOW + 5) * 1000 }, NOW + 5],
  ])('asks for no longer than the %s end', async (_which, change, expiresAt) => {
    const asked: unknown[] = []
    const spied: RevocationStore = { ...store, check: (query) => (asked.push(query), store.check(query)) } // prettier-ignore
    await isRevoked({ ...FAMILY, ...change }, spied)
    const times = expect.objectContaining({ expiresAt, issuedAt: NOW - 60 })
    expect(asked).toEqual([times, times])
  })

  it('is told of a session, and of a user but for one session', async () => {
    const revocations = createFamilyRevocations(store, ISSUER)
    await revocations.revokeSession(FAMILY)
    expect(await isRevoked()).toBe(true)
    await revocations.revokeSubject('user', 'kept')
    expect(await isRevoked({ ...FAMILY, sessionId: 'kept' })).toBe(false)
    expect(await isRevoked({ ...FAMILY, sessionId: 'third' })).toBe(true)
    await revocations.revokeSubject('user', undefined)
    expect(await isRevoked({ ...FAMILY, sessionId: 'kept' })).toBe(true)
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['an empty object', {}],
    ['no boolean', { revoked: 'no' }],
  ])('that answers with %s is an outage', async (_what, answer) => {
    const odd = { ...store, check: () => answer } as RevocationStore
    await expect(isRevoked(FAMILY, odd)).rejects.toMatchObject({
      status: 503,
      reason: 'revocation_unavailable',
    })
  })

  it('holds no more families of one user than their share, and beyond that ends them all', async () => {
    store = memoryRevocationStore({ clock: () => NOW, clockToleranceSeconds: 0, maxEntries: 200 })
    const revocations = createFamilyRevocations(store, ISSUER)
    for (const id of ['one', 'two', 'three', 'four', 'five']) {
      await revocations.revokeFamily({ tag: 'tag', id }, NOW + 3600)
    }
    expect(store.status().detail).toBe('3 of 200 entries')
    const each = ['one', 'five', 'another'].map((id) =>
      revocations.isRevoked({ tag: 'tag', id }, FAMILY, 600_000),
    )
    expect(await Promise.all(each)).toEqual([true, true, true])
    const of = { tag: 'of somebody else', id: 'another' }
    expect(await revocations.isRevoked(of, FAMILY, 600_000)).toBe(false)
    const later = { ...FAMILY, rotatedAtMs: (NOW + 1) * 1000 }
    expect(await revocations.isRevoked({ tag: 'tag', id: 'another' }, later, 600_000)).toBe(false)
  })

  it('that does not answer, or cannot store, is an outage', async () => {
    await store.close()
    const revocations = createFamilyRevocations(store, ISSUER)
    const unknown = { status: 503, reason: 'revocation_unavailable' }
    const unstored = { status: 503, reason: 'revocation_not_stored' }
    await expect(isRevoked()).rejects.toMatchObject(unknown)
    await expect(revocations.revokeSession(FAMILY)).rejects.toMatchObject(unstored)
    await expect(revocations.revokeSubject('user', undefined)).rejects.toMatchObject(unstored)
  })
})
