import { describe, expect, it } from '@jest/globals'
import {
  statusOf,
  unknownIssuer,
  type IssuerRegistry,
} from '../../../../lib/tokens/issuers/registry/registry.js'
import { ISSUER, policyOf } from '../../../support/policy.js'

describe('what is told of issuers', () => {
  it('is why one is foreign, for the log alone', () => {
    const issuers = { explain: (issuer: string) => `not ${issuer}` } as IssuerRegistry
    expect(unknownIssuer(issuers, 'https://x.test')).toMatchObject({
      code: 'invalid_token',
      reason: 'unknown_issuer',
      detail: 'not https://x.test',
    })
  })

  it('is the state of its keys, by its first spelling', () => {
    const policy = policyOf({ issuer: [ISSUER, `${ISSUER}/`] })
    expect(statusOf(policy)).toEqual({ issuer: ISSUER, ...policy.keys.status() })
  })
})
