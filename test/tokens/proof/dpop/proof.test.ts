import { describe, expect, it } from '@jest/globals'
import type { RequestHead } from '../../../../lib/http/request/request-head.js'
import { proofOf } from '../../../../lib/tokens/proof/dpop/proof.js'

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const PROOF = `${encode({ typ: 'dpop+jwt' })}.${encode({ jti: 'a' })}.AAAA`
const headWith = (...lines: string[]): RequestHead =>
  ({ headerLines: (name: string) => (name === 'dpop' ? lines : []) }) as unknown as RequestHead

describe('the proof of a request', () => {
  it('is taken apart', () => {
    expect(proofOf(headWith(PROOF))).toMatchObject({
      text: PROOF,
      headerText: PROOF.split('.')[0],
      jwt: { header: { typ: 'dpop+jwt' }, claims: { jti: 'a' } },
    })
  })

  it('may have a header that is known already', () => {
    const header = { typ: 'known' }
    expect(proofOf(headWith(PROOF), () => header)).toMatchObject({ jwt: { header } })
  })

  it.each<[string, string[], string, RegExp]>([
    ['that is missing', [], 'missing_proof', /has no DPoP header/],
    ['that is empty', [''], 'missing_proof', /has no DPoP header/],
    ['in several lines', [PROOF, PROOF], 'missing_proof', /several proofs/],
    ['in several, joined by a host', [`${PROOF}, ${PROOF}`], 'missing_proof', /several proofs/],
    ['that is too long', ['a'.repeat(4097)], 'malformed_proof', /longer than 4096 characters/],
    ['that is long, and no JWT', ['a'.repeat(4096)], 'malformed_proof', /^The proof is no JWT\. ./],
    ['that is no JWT', ['a.b'], 'malformed_proof', /^The proof is no JWT\. ./],
  ])('is refused: one %s', (_name, lines, reason, detail) => {
    expect(proofOf(headWith(...lines))).toMatchObject({
      code: 'invalid_dpop_proof',
      reason,
      detail: expect.stringMatching(detail),
    })
  })
})
