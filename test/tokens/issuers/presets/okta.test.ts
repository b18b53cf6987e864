import { describe, expect, it } from '@jest/globals'
import { okta, OKTA_MISTAKES } from '../../../../lib/tokens/issuers/presets/okta.js'

describe('okta', () => {
  it('is its default authorization server, with its default audience', () => {
    expect(okta({ domain: 'acme.okta.com' })).toEqual({
      issuer: 'https://acme.okta.com/oauth2/default',
      audience: 'api://default',
      algorithms: ['RS256'],
      claims: { clientId: 'cid', scope: 'scp', roles: 'groups' },
    })
  })

  it('may be another one', () => {
    const options = { domain: 'acme.okta.com', authorizationServerId: 'aus1', audience: 'api' }
    expect(okta(options)).toMatchObject({
      issuer: 'https://acme.okta.com/oauth2/aus1',
      audience: 'api',
    })
  })

  it.each<[object, string]>([
    [{ domain: 'https://acme.okta.com' }, '"domain" must be a host name'],
    [{ domain: 'acme.okta.com', authorizationServerId: 'a/b' }, '"authorizationServerId" must be'],
    [{ domain: 'acme.okta.com', server: 'a' }, 'unknown option "server"'],
  ])('refuses %j', (options, complaint) => {
    expect(() => okta(options as never)).toThrow(`okta: ${complaint}`)
  })

  it.each([
    ['https://acme.okta.com/oauth2/default', true],
    ['https://acme.okta.com', true],
    ['https://acme.oktapreview.com/oauth2/default', true],
    ['https://acme.okta-emea.com', true],
    ['https://acme.okta.com.evil.test', false],
    ['https://acme.okta-other.com', false],
  ])('knows its users: %s', (issuer, known) => {
    expect(OKTA_MISTAKES.issuer.test(issuer)).toBe(known)
    expect(OKTA_MISTAKES.fixes.unknown_issuer).toMatch(/oauth2\/default/)
  })
})
