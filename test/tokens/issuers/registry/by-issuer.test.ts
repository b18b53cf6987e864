import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import type { IssuerPolicy } from '../../../../lib/tokens/issuers/policy/policy.js'
import { PoliciesByIssuer } from '../../../../lib/tokens/issuers/registry/by-issuer.js'

const check = optionCheck('requireBearer')

/** A policy of which only names and algorithms count. */
function policyOf(issuers: readonly string[], ...algorithms: readonly string[]): IssuerPolicy {
  const revocationIssuers = new Map(issuers.map((name) => [name, issuers[0]]))
  return { issuers, algorithms: new Set(algorithms), revocationIssuers } as unknown as IssuerPolicy
}

function tableOf(...policies: readonly IssuerPolicy[]): PoliciesByIssuer {
  const table = new PoliciesByIssuer()
  for (const policy of policies) table.add(check, policy)
  return table
}

describe('PoliciesByIssuer', () => {
  it('finds a policy by each spelling of its issuer, and by no other', () => {
    const policy = policyOf(['a', 'a/'], 'RS256')
    const table = tableOf(policy)
    expect([table.find('a', 'RS256'), table.find('a/', undefined)]).toEqual([policy, policy])
    expect(table.find('A', 'RS256')).toBeUndefined()
    expect(table.names()).toEqual(['a', 'a/'])
  })

  it('tells two of one issuer apart by the algorithm, and else takes the first', () => {
    const [shared, pair, third] = [
      policyOf(['a'], 'HS256'),
      policyOf(['a'], 'ES256'),
      policyOf(['a'], 'RS256'),
    ]
    const table = tableOf(shared, pair, third)
    const found = ['HS256', 'ES256', 'RS256', 'none', undefined, 7].map((alg) =>
      table.find('a', alg),
    )
    expect(found).toEqual([shared, pair, third, shared, shared, shared])
    expect(found[1]).toBe(pair)
    expect(table.names()).toEqual(['a'])
  })

  it('takes the only one whatever the algorithm is: its refusal says so', () => {
    const policy = policyOf(['a'], 'RS256')
    expect(tableOf(policy).find('a', 'none')).toBe(policy)
  })

  it('refuses two that take one algorithm: a token could be of either', () => {
    expect(() =>
      tableOf(policyOf(['a'], 'RS256', 'ES256', 'PS256'), policyOf(['a'], 'ES256', 'PS256')),
    ).toThrow(/"issuers" must name each issuer once.*both take ES256, PS256\)/)
  })

  it('refuses two that name one issuer otherwise: a logout would leave tokens alive', () => {
    const [one, other] = [policyOf(['a', 'a/'], 'RS256'), policyOf(['a/', 'a'], 'ES256')]
    expect(() => tableOf(one, other)).toThrow(/"issuers" must list the same spelling first/)
  })
})
