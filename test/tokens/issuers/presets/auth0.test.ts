import { describe, expect, it } from '@jest/globals'
import { auth0, AUTH0_MISTAKES } from '../../../../lib/tokens/issuers/presets/auth0.js'

describe('auth0', () => {
  it('is the domain with a slash, and permissions in their claim', () => {
    expect(auth0({ domain: 'acme.eu.auth0.com', audience: 'api' })).toEqual({
      issuer: 'https://acme.eu.auth0.com/',
      audience: 'api',
      claims: { permissions: 'permissions' },
    })
  })

  it.each([
    [{ domain: 'https://acme.auth0.com', audience: 'api' }, '"domain" must be a host name'],
    [{ domain: 'acme.auth0.com/', audience: 'api' }, '"domain" must be a host name'],
    [{ tenant: 'acme', audience: 'api' }, 'unknown option "tenant"'],
  ])('refuses %j', (options, complaint) => {
    expect(() => auth0(options as never)).toThrow(`auth0: ${complaint}`)
  })

  it.each([
    ['https://acme.eu.auth0.com/', true],
    ['https://acme.auth0.com', true],
    ['https://auth0.com.evil.test/', false],
    ['https://acme.auth0.com/realms', false],
  ])('knows users of its tenants: %s', (issuer, known) => {
    expect(AUTH0_MISTAKES.issuer.test(issuer)).toBe(known)
    expect(AUTH0_MISTAKES.fixes.wrong_audience).toMatch(/let the client send "audience"/)
  })
})
