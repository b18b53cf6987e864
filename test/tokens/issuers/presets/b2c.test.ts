import { describe, expect, it } from '@jest/globals'
import { b2c } from '../../../../lib/tokens/issuers/presets/b2c.js'

const OPTIONS = { tenantName: 'acme', tenantId: 'guid', policy: 'B2C_1_in', audience: 'api' }

describe('b2c', () => {
  it('is the issuer of the tenant, by the metadata of the user flow', () => {
    expect(b2c(OPTIONS)).toEqual({
      issuer: 'https://acme.b2clogin.com/guid/v2.0/',
      audience: 'api',
      discoveryUrl:
        'https://acme.b2clogin.com/acme.onmicrosoft.com/B2C_1_in/v2.0/.well-known/openid-configuration',
      algorithms: ['RS256'],
      claims: { scope: 'scp' },
    })
  })

  it.each(['tenantName', 'tenantId', 'policy'])('cannot be led elsewhere by "%s"', (name) => {
    for (const value of ['a/b', '..', 'a?b', 'a.evil.test/', '']) {
      expect(() => b2c({ ...OPTIONS, [name]: value })).toThrow(`b2c: "${name}" must be`)
    }
  })

  it('knows its options', () => {
    expect(() => b2c({ ...OPTIONS, flow: 'x' } as never)).toThrow('b2c: unknown option "flow"')
  })
})
