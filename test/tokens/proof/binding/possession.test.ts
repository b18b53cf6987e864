import { describe, expect, it } from '@jest/globals'
import { invalidToken } from '../../../../lib/core/verdicts/errors.js'
import { boundToken, NO_PROOFS } from '../../../../lib/tokens/proof/binding/possession.js'

describe('where no proof is checked', () => {
  it('a token that is not bound passes by itself', () => {
    expect(NO_PROOFS.needOf({ sub: 'a' })).toBeUndefined()
  })

  it.each([
    ['to a key', { jkt: 'A'.repeat(43) }],
    ['to a certificate', { 'x5t#S256': 'A'.repeat(43) }],
    ['in a way nobody knows', { other: 'x' }],
  ])('a token that is bound %s is refused', (_name, cnf) => {
    const need = NO_PROOFS.needOf({ cnf })
    expect(need).toBeDefined()
    expect(NO_PROOFS.judge(need!, { token: 't' })).toMatchObject({
      code: 'invalid_token',
      reason: 'bound_token',
    })
  })

  it('the refusal of a binding that is none stays as it is', () => {
    const refusal = invalidToken('malformed_claim', 'x')
    expect(NO_PROOFS.judge(refusal, { token: 't' })).toBe(refusal)
  })

  it('the refusal says why', () => {
    expect(boundToken('no "dpop" is set')).toMatchObject({
      reason: 'bound_token',
      detail: 'The token is bound to a key of its client, and no "dpop" is set',
    })
  })
})
