import { describe, expect, it } from '@jest/globals'
import { clientSecretBasic, memoryRevocationStore } from '../../../lib/index.js'
import { memorySessionStore, tokenHandler } from '../../../lib/session.js'
import { logoutOptions } from '../../../lib/session/handler/options.js'
import { SECRET } from '../../support/signed-in.js'

const GOOD = {
  issuer: 'https://id.test',
  audience: 'https://api.test',
  clientId: 'app',
  clientAuth: clientSecretBasic('s'),
  redirectUri: 'https://app.test/auth/callback',
  scopes: [],
  sessions: memorySessionStore(),
  secrets: [SECRET],
  revocations: memoryRevocationStore(),
}

describe('tokenHandler', () => {
  it.each([
    [{ redirectUri: 'http://app.test/auth/callback' }, /"redirectUri" must be an https URL/],
    [{ redirectUri: 'https://app.test/auth/cb' }, /"redirectUri" must end with "\/callback"/],
    [{ redirectUri: 'https://app.test/callback?x=1' }, /"redirectUri" must end with "\/callback"/],
    [{ redirectUri: 'https://u:p@app.test/callback' }, /"redirectUri" must be an https URL/],
    [{ redirectUri: undefined }, /"redirectUri" must be an https URL/],
    [{ clientId: '' }, /"clientId" must be a non-empty string/],
    [{ clientAuth: 'secret' }, /"clientAuth" must be one like clientSecretBasic/],
    [{ scopes: ['a"b'] }, /"scopes" must be scopes like/],
    [{ secrets: ['short'] }, /"secrets" must hold strings or bytes of at least 32 bytes/],
    [{ secrets: [] }, /"secrets" must be a list of secrets/],
    [{ sessions: {} }, /"sessions" must be a store like memorySessionStore/],
    [{ revocations: {} }, /"store" must be a RevocationStore/],
    [{ absoluteSeconds: 31 * 86_400 }, /"absoluteSeconds" must be a number from 60 to 2592000/],
    [{ idleSeconds: 1 }, /"idleSeconds" must be a number from 60/],
    [{ timeoutMs: 0 }, /"timeoutMs" must be a number from 50/],
    [{ allowMissingExp: 'yes' }, /"allowMissingExp" must be/],
    [{ sameSite: 'none' }, /"sameSite" must be 'strict' or 'lax'/],
    [{ responseMode: 'fragment' }, /"responseMode" must be 'query' or 'form_post'/],
    [{ loginParameters: { state: 'x' } }, /"loginParameters" must leave out state/],
    [{ loginParameters: { request: 'x' } }, /"loginParameters" must leave out request/],
    [{ loginParameters: { resource: 5 } }, /"loginParameters.resource" must be a non-empty string/],
    [{ afterLogout: 'http://app.test/' }, /"afterLogout" must be an https URL/],
    [{ issuer: 'id.test' }, /"issuer" must be a URL/],
    [{ redirectUrl: 'x' }, /Did you mean "redirectUri"/],
    [{ fetchKeys: () => '' }, /unknown option "fetchKeys"/],
  ])('refuses %j when it is made', (options, message) => {
    expect(() => tokenHandler({ ...GOOD, ...options } as never)).toThrow(message)
  })

  it('may have options of an issuer, and never shows a secret in a complaint', () => {
    const bff = tokenHandler({ ...GOOD, algorithms: ['ES256'], scopeImplies: { a: ['b'] } })
    expect(bff.status()).toHaveLength(1)
    bff.close()
    const wrong = { ...GOOD, clientAuth: { secret: 'hidden' } as never }
    expect(() => tokenHandler(wrong)).toThrow(/^(?!.*hidden)/)
  })

  it('hands on to its back channel what logout tokens of some issuers need', () => {
    const asked = { ...GOOD, allowMissingExp: true, endBy: 'subject' } as const
    expect(logoutOptions(asked)).toMatchObject({ allowMissingExp: true, endBy: 'subject' })
    const bff = tokenHandler(asked)
    expect(bff.status()).toHaveLength(1)
    bff.close()
  })
})
