import { expect, it } from '@jest/globals'
import { invalidProof } from '../../../../lib/tokens/proof/dpop/refusals.js'

it('a proof that is refused is 401 by a code of its own', () => {
  expect(invalidProof('malformed_proof', 'why')).toMatchObject({
    status: 401,
    code: 'invalid_dpop_proof',
    reason: 'malformed_proof',
    detail: 'why',
  })
})
