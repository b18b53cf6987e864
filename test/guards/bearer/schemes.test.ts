import { describe, expect, it } from '@jest/globals'
import { schemesOf } from '../../../lib/guards/bearer/schemes.js'

const algs = ['ES256', 'EdDSA']

describe('the schemes that a challenge offers', () => {
  it.each([
    ['Bearer alone where no proofs are taken', undefined, false, false, {}],
    ['Bearer alone for a token bound to a certificate', undefined, true, true, {}],
    ['both where proofs are taken', algs, false, false, { schemes: ['Bearer', 'DPoP'] }],
    ['DPoP alone where they are required', algs, false, true, { schemes: ['DPoP'] }],
    [
      'both where a certificate would do as well',
      algs,
      true,
      true,
      { schemes: ['Bearer', 'DPoP'] },
    ],
    ['both where both are taken', algs, true, false, { schemes: ['Bearer', 'DPoP'] }],
  ])('are %s', (_name, dpopAlgorithms, mtls, required, expected) => {
    const offered = schemesOf({ dpopAlgorithms, mtls, required, possession: undefined as never })
    const parameters = { schemeParameters: { DPoP: [['algs', 'ES256 EdDSA']] } }
    expect(offered).toEqual(dpopAlgorithms === undefined ? {} : { ...expected, ...parameters })
  })
})
