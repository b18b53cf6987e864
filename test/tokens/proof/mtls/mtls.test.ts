import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { invalidToken } from '../../../../lib/core/verdicts/errors.js'
import { judgeCertificate } from '../../../../lib/tokens/proof/mtls/mtls.js'

const DER = new Uint8Array([1, 2, 3])
const THUMBPRINT = createHash('sha256').update(DER).digest('base64url')
const reasonOf = (read: () => unknown, thumbprint = THUMBPRINT): string | undefined =>
  judgeCertificate({ read: read as never, required: false }, {} as never, thumbprint)?.reason

describe('the certificate of a request', () => {
  it.each<[string, () => unknown, string, string | undefined]>([
    ['is the one that the token is bound to', () => DER, THUMBPRINT, undefined],
    ['is another', () => new Uint8Array([9]), THUMBPRINT, 'wrong_certificate'],
    ['is missing', () => undefined, THUMBPRINT, 'wrong_certificate'],
    ['is no bytes', () => 'text', THUMBPRINT, 'wrong_certificate'],
    ['is a promise', async () => DER, THUMBPRINT, 'wrong_certificate'],
    [
      'fits no thumbprint that is too short',
      () => DER,
      THUMBPRINT.slice(0, 40),
      'wrong_certificate',
    ],
    ['fits no thumbprint that is empty', () => DER, '', 'wrong_certificate'],
    [
      'is refused by the way it came',
      () => invalidToken('untrusted_certificate_header'),
      THUMBPRINT,
      'untrusted_certificate_header',
    ],
  ])('%s', (_name, read, thumbprint, reason) => {
    expect(reasonOf(read, thumbprint)).toBe(reason)
  })

  it('passes on what its reader throws', () => {
    const fault = new Error('a fault')
    expect(() =>
      reasonOf(() => {
        throw fault
      }),
    ).toThrow(fault)
  })
})
