import type { OptionCheck } from '../../../core/options/option-check.js'
import { isRecord } from '../../../core/values.js'
import type { AuthError } from '../../../core/verdicts/errors.js'
import type { RequestHead } from '../../../http/request/request-head.js'

/** Finds the certificate that a client proved to have. `clientCertHeader()` makes one. */
export interface ClientCertReader {
  /** In DER; undefined where none came, or the refusal of how it came. */
  read(head: RequestHead): Uint8Array | undefined | AuthError
}

/** Tokens bound to the TLS certificate of the client (RFC 8705 §3). */
export interface MtlsOptions {
  /**
   * `tls` takes the certificate of the connection, for servers that clients reach without a proxy: set
   * `requestCert: true` on the TLS server. Behind a proxy, `clientCertHeader({ trustedProxies })`.
   */
  readonly certificate: 'tls' | ClientCertReader
  /** `require` takes bound tokens alone. A bound token needs its certificate in either case. @default 'allow' */
  readonly mode?: 'allow' | 'require' | undefined
}

export interface MtlsPolicy extends ClientCertReader {
  readonly required: boolean
}

/**
 * The chain is not checked, nor does RFC 8705 §6.2 ask for it: the token names the one certificate that
 * counts.
 */
const FROM_TLS: ClientCertReader = { read: ({ peer }) => peer?.certificate() }

export function compileMtls(check: OptionCheck, options: MtlsOptions): MtlsPolicy {
  check.known(options, ['certificate', 'mode'], { within: 'mtls' })
  const { certificate } = options
  const reader: unknown = certificate === 'tls' ? FROM_TLS : certificate
  if (!isReader(reader)) {
    return check.refuse('mtls.certificate', `be 'tls' or clientCertHeader({ ... })`, certificate)
  }
  const mode = check.oneOf('mtls.mode', options.mode, ['allow', 'require'], 'allow')
  return { read: (head) => reader.read(head), required: mode === 'require' }
}

function isReader(value: unknown): value is ClientCertReader {
  return isRecord(value) && typeof value['read'] === 'function'
}
