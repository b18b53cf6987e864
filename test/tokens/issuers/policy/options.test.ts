import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import {
  ISSUER_OPTION_NAMES,
  KNOWN_ISSUER_OPTIONS,
} from '../../../../lib/tokens/issuers/policy/options.js'

describe('the options of an issuer', () => {
  const check = optionCheck('requireBearer')

  it('are taken by their names', () => {
    const options = Object.fromEntries(ISSUER_OPTION_NAMES.map((name) => [name, 'x']))
    expect(() => check.known(options, KNOWN_ISSUER_OPTIONS)).not.toThrow()
    expect(ISSUER_OPTION_NAMES.toSorted().join(' ')).toBe(
      'algorithms audience audienceMatch claims clientId clockToleranceSeconds decryptionKeys discoveryUrl expectedClaims fetchKeys issuer jwks jwksUri keyCache maxAgeSeconds network profile requiredClaims scopeImplies secret validate',
    )
  })

  it.each([
    ['issuerUrl', 'issuer'],
    ['roles', 'claims.roles'],
    ['ca', 'network.ca'],
  ])('are guessed, those of "claims" and "network" too: %s', (name, meant) => {
    expect(() => check.known({ [name]: 'x' }, KNOWN_ISSUER_OPTIONS)).toThrow(
      `Did you mean "${meant}"?`,
    )
  })
})
