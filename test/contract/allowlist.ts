import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { RevocationUnavailable, type RevocationStore } from '../../lib/revocation/store.js'
import { startAllowlisted, type AllowlistedApi } from '../support/allowlisted.js'
import { ISSUER, OTHER_ISSUER, storeUnderTest, type OpenStore } from './store-under-test.js'

const ODD_IDS = ['', 'a:b', '}{', 'x'.repeat(4096), 'a\ud800', 'registered\ntoken-1', '__proto__']

/** What an allow-list promises, over every store. */
export function itKeepsTheAllowlistContract(open: OpenStore): void {
  const its = storeUnderTest(open)
  const { token } = its
  let api: AllowlistedApi
  beforeEach(async () => {
    api = await startAllowlisted(its.store)
  })
  afterEach(() => api.close())

  it('refuses a token that was not registered: 401', async () => {
    const answer = await api.get(token())
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"')
    expect(await api.judged(token())).toBe('not_registered')
  })

  it('lets a registered token pass, and no other', async () => {
    await api.allowlist.register(token())
    expect(await api.judged(token())).toBe('passed')
    expect(await api.judged(token({ tokenId: 'token-2' }))).toBe('not_registered')
    expect(await api.judged(token({ issuer: OTHER_ISSUER }))).toBe('not_registered')
  })

  it.each(ODD_IDS)('lets exactly the token pass whose id is %j', async (tokenId) => {
    await api.allowlist.register(token({ tokenId }))
    expect(await api.judged(token({ tokenId }))).toBe('passed')
    for (const other of [...ODD_IDS, 'token-1'].filter((id) => id !== tokenId)) {
      expect(await api.judged(token({ tokenId: other }))).toBe('not_registered')
    }
  })

  it('knows an issuer by the one name that it has for revocations', async () => {
    const spelt = { issuer: `${ISSUER}/other-spelling`, revocationIssuer: ISSUER }
    await api.allowlist.register(token(spelt))
    expect(await api.judged(token())).toBe('passed')
    expect(await api.judged(token(spelt))).toBe('passed')
    expect(await api.judged(token({ issuer: spelt.issuer }))).toBe('not_registered')
  })

  const user = { issuer: ISSUER, subject: 'user-1' }
  it.each<[string, (store: RevocationStore) => Promise<unknown>]>([
    ['it is', (store) => store.revokeToken(token())],
    ['its session is', (store) => store.revokeSession({ issuer: ISSUER, sessionId: 'session-1' })],
    ['its user is', (store) => store.revokeSubject(user)],
    ['its client is', (store) => store.revokeClient({ issuer: ISSUER, clientId: 'client-1' })],
    ['its version is too low', (store) => store.requireTokenVersion(user, 1)],
    ['all are', (store) => store.revokeAll()],
  ])('refuses a registered token once %s revoked, registered again or not', async (_what, end) => {
    await api.allowlist.register(token())
    await end(its.store)
    expect(await api.judged(token())).toBe('revoked')
    await api.allowlist.register(token())
    expect(await api.judged(token())).toBe('revoked')
  })

  it('takes no revocation for a registration', async () => {
    for (const issuer of [ISSUER, 'registered', `registered ${ISSUER}`]) {
      await its.store.revokeToken(token({ issuer, tokenId: `registered\n${ISSUER}` }))
      await its.store.revokeSession({ issuer, sessionId: 'token-2' })
    }
    expect(await api.judged(token({ sessionId: undefined }))).toBe('not_registered')
    await its.store.revokeAll({ issuer: `registered\n${ISSUER}` })
    expect(await api.judged(token({ sessionId: undefined }))).toBe('not_registered')
  })

  it('refuses a token that lives longer than the store remembers', async () => {
    const longLived = token({ issuedAt: its.now, expiresAt: its.now + 3601 })
    await api.allowlist.register(longLived)
    expect(await api.judged(longLived)).toBe('lifetime_exceeds_store')
  })

  it('cannot tell once the store is closed: 503, and registers nothing', async () => {
    await api.allowlist.register(token())
    await its.store.close()
    expect(await api.judged(token())).toBe('revocation_unavailable')
    const answer = await api.get(token())
    expect(answer.status).toBe(503)
    expect(answer.headers['retry-after']).toBeDefined()
    await expect(api.allowlist.register(token())).rejects.toThrow(RevocationUnavailable)
  })

  describe('a token that names nothing', () => {
    const missing = undefined as unknown as string
    it.each([
      ['no issuer', { issuer: missing }, /"issuer".*undefined/],
      ['no id', { tokenId: missing }, /"tokenId".*undefined/],
      ['an exp of NaN', { expiresAt: Number.NaN }, /"expiresAt"/],
    ])('is not registered: %s', async (_what, changes, message) => {
      await expect(api.allowlist.register(token(changes))).rejects.toThrow(message)
    })
  })
}
