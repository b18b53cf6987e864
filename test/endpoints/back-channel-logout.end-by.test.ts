import { describe, expect, it } from '@jest/globals'
import { memoryRevocationStore } from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { startLogoutReceiver } from '../support/logout.js'

const issuer = createTestIssuer()

describe('backChannelLogout({ endBy })', () => {
  it.each<['session' | 'subject' | undefined, object, string, boolean, boolean]>([
    ['subject', {}, 'everywhere', true, true],
    ['subject', { sid: undefined }, 'everywhere', true, false],
    ['subject', { sub: undefined }, 'session', false, true],
    ['session', {}, 'session', false, true],
    [undefined, {}, 'session', false, true],
  ])('%s, %j: ends %s', async (endBy, changes, scope, endsBare, endsSession) => {
    const store = memoryRevocationStore()
    const options = endBy === undefined ? {} : { endBy }
    const receiver = await startLogoutReceiver(issuer, { store, ...options })
    expect((await receiver.send(issuer.logoutToken({ sid: 's-1', ...changes }))).status).toBe(200)
    expect(receiver.events.at(-1)).toMatchObject({ name: 'logout.received', scope })
    const now = Math.floor(Date.now() / 1000)
    const facts = { issuer: issuer.issuer, revocationIssuer: issuer.issuer, expiresAt: now + 600 }
    const bare = {
      ...facts,
      tokenId: 'a',
      subject: 'user-1',
      sessionId: undefined,
      issuedAt: now - 1,
    }
    const later = { ...bare, tokenId: 'b', sessionId: 's-1', issuedAt: now + 5 }
    const other = { ...bare, tokenId: 'c', subject: 'user-2' }
    const revoked = async (token: object): Promise<boolean> =>
      (await store.check(token as never)).revoked
    expect([await revoked(bare), await revoked(later), await revoked(other)]).toEqual([
      endsBare,
      endsSession,
      false,
    ])
    await receiver.close()
  })

  it('is checked at construction', async () => {
    await expect(startLogoutReceiver(issuer, { endBy: 'user' as never })).rejects.toThrow(
      /"endBy" must be 'session' or 'subject'/,
    )
  })

  it('names the option that lets a token without "exp", or of another algorithm, pass', async () => {
    const receiver = await startLogoutReceiver(issuer, { algorithms: ['ES512'] })
    await receiver.send(issuer.logoutToken())
    const named = receiver.events.at(-1)
    expect(named).toMatchObject({
      detail: expect.stringMatching(/Allowed: ES512; see "algorithms"/),
    })
    await receiver.close()
    const other = await startLogoutReceiver(issuer)
    await other.send(issuer.logoutToken({ exp: undefined }))
    expect(other.events.at(-1)).toMatchObject({
      detail: expect.stringContaining('allowMissingExp'),
    })
    await other.close()
  })
})
