import { describe, expect, it } from '@jest/globals'
import { memoryRevocationStore, type RevocationStore } from '../../../../lib/index.js'
import { createSessionDenylist } from '../../../../lib/session/handler/sessions/session-denylist.js'
import type { Session } from '../../../../lib/session/handler/sessions/session.js'

const ISSUER = 'https://id.test'
const NOW = 1_800_000_000
const SESSION = {
  key: 'key',
  subject: 'user',
  sessionId: 'sid',
  startedAt: NOW,
  expiresAt: NOW + 3600,
} as Session

function storeOfTests(): RevocationStore {
  return memoryRevocationStore({ clock: () => NOW, clockToleranceSeconds: 0 })
}

describe('the denylist of sessions', () => {
  it.each<[string, (store: RevocationStore) => Promise<unknown>, boolean]>([
    ['nothing', async () => undefined, false],
    [
      'the session at the issuer',
      (store) => store.revokeSession({ issuer: ISSUER, sessionId: 'sid' }),
      true,
    ],
    [
      'another session',
      (store) => store.revokeSession({ issuer: ISSUER, sessionId: 'other' }),
      false,
    ],
    ['the user', (store) => store.revokeSubject({ issuer: ISSUER, subject: 'user' }), true],
    ['the app', (store) => store.revokeClient({ issuer: ISSUER, clientId: 'app' }), true],
    [
      'a token whose jti is the key',
      (store) => store.revokeToken({ issuer: ISSUER, tokenId: 'key', expiresAt: NOW + 60 }),
      false,
    ],
    [
      'the session here',
      (store) => createSessionDenylist(store, ISSUER, 'app').revoke('key', { expiresAt: NOW + 60 }),
      true,
    ],
  ])('that names %s', async (_what, revoke, ends) => {
    const store = storeOfTests()
    await revoke(store)
    expect(await createSessionDenylist(store, ISSUER, 'app').isRevoked(SESSION)).toBe(ends)
  })

  it.each<[string, Partial<RevocationStore>]>([
    ['throws', { check: () => { throw new Error('down') } }], // prettier-ignore
    ['answers with no verdict', { check: () => undefined as never }],
  ])('that %s is an outage, and no answer', async (_what, broken) => {
    const denylist = createSessionDenylist({ ...storeOfTests(), ...broken }, ISSUER, 'app')
    const verdict = await denylist.isRevoked(SESSION)
    expect(verdict).toMatchObject({ status: 503, reason: 'revocation_unavailable' })
  })

  it('that cannot store what it is told is an outage', async () => {
    const store = storeOfTests()
    await store.close()
    const told = await createSessionDenylist(store, ISSUER, 'app').revoke('key', {
      expiresAt: NOW + 60,
    })
    expect(told).toMatchObject({ status: 503, reason: 'revocation_not_stored' })
  })
})
