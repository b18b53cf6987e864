import { createHash, timingSafeEqual } from 'node:crypto'
import { atOnce } from '../../../core/app-function.js'
import { AuthError, invalidToken } from '../../../core/verdicts/errors.js'
import { attempt } from '../../../core/verdicts/outcome.js'
import type { RequestHead } from '../../../http/request/request-head.js'
import type { MtlsPolicy } from './mtls-options.js'

/** Whether the request came with the certificate that the token is bound to (RFC 8705 §3): the refusal. */
export function judgeCertificate(
  policy: MtlsPolicy,
  head: RequestHead,
  thumbprint: string,
): AuthError | undefined {
  const certificate: unknown = atOnce(attempt(() => policy.read(head)))
  if (certificate instanceof AuthError) return certificate
  if (!(certificate instanceof Uint8Array)) {
    return invalidToken('wrong_certificate', 'The request came without a client certificate')
  }
  const presented = createHash('sha256').update(certificate).digest()
  const bound = Buffer.from(thumbprint, 'base64url')
  if (presented.length === bound.length && timingSafeEqual(presented, bound)) return undefined
  return invalidToken('wrong_certificate', 'The certificate is another than the token is bound to')
}
