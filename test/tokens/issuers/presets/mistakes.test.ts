import { describe, expect, it } from '@jest/globals'
import * as presets from '../../../../lib/issuers.js'
import { productFix } from '../../../../lib/tokens/issuers/presets/mistakes.js'

const TENANT = '11111111-2222-3333-4444-555555555555'
const audience = 'https://api.test'

/** What each preset names its issuer, and a refusal that users of the product meet. */
const KNOWN = [
  ['Auth0', presets.auth0({ domain: 'acme.eu.auth0.com', audience }), 'malformed_token'],
  ['Okta', presets.okta({ domain: 'acme.okta.com' }), 'unknown_issuer'],
  ['Entra', presets.entra({ tenantIds: TENANT, audience }), 'wrong_audience'],
  [
    'Keycloak',
    presets.keycloak({ baseUrl: 'https://id.test', realm: 'acme', audience }),
    'wrong_audience',
  ],
  [
    'Cognito',
    presets.cognito({ region: 'eu-central-1', userPoolId: 'eu-central-1_A', clientIds: 'c' }),
    'wrong_audience',
  ],
  ['Google', presets.googleIdToken({ clientIds: 'c' }), 'malformed_token'],
  ['ZITADEL', presets.zitadel({ domain: 'acme.zitadel.cloud', projectId: '1' }), 'malformed_token'],
] as const

describe('productFix', () => {
  it.each(KNOWN)(
    'knows the issuers of %s, and what its users must change',
    (name, options, reason) => {
      const issuers = [options.issuer].flat(2)
      for (const issuer of issuers) {
        expect(productFix(reason, [issuer])).toMatch(new RegExp(`^${name}: `))
      }
    },
  )

  it('knows Hydra where its host says so, since it runs under any name', () => {
    expect(productFix('malformed_token', ['https://hydra.acme.test/'])).toMatch(/^Hydra: /)
  })

  it('says nothing of an issuer of no known product, or of a refusal without a usual mistake', () => {
    expect(productFix('wrong_audience', ['https://id.example.com'])).toBeUndefined()
    expect(productFix('expired', ['https://acme.eu.auth0.com/'])).toBeUndefined()
  })
})
