import { expect, it } from '@jest/globals'
import { KIND_CLAIMS } from '../../../../lib/tokens/issuers/presets/kinds.js'

it('tokens of Keycloak and Cognito are told by their claims, with a preset or without', () => {
  expect(KIND_CLAIMS.map(({ claim }) => claim)).toEqual(['typ', 'token_use'])
})
