import { codeOf } from '../core/values.js'

export interface FetchErrorOptions {
  readonly status?: number | undefined
  readonly retryAfterSeconds?: number | undefined
  readonly cause?: unknown
}

/** A peer did not give us a usable document. */
export class FetchError extends Error {
  override readonly name = 'FetchError'
  readonly status: number | undefined
  /** When the peer said to come back. */
  readonly retryAfterSeconds: number | undefined

  constructor(message: string, options: FetchErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.status = options.status
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** A document may name a URL that has some. */
function withoutCredentials(url: URL): string {
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  return bare.href
}

/** Codes of Node and OpenSSL for a certificate that nobody we trust has signed. */
const UNTRUSTED = /SELF_SIGNED_CERT|UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)/

/** Whatever went wrong on the way to `target`, as a FetchError that names it. */
export function fetchErrorAt(target: URL, error: unknown, role = ''): FetchError {
  const place = role + withoutCredentials(target)
  if (!(error instanceof FetchError)) {
    const code = codeOf(error) ?? 'unknown error'
    const hint = UNTRUSTED.test(code) ? '. For a CA of your own: network: { ca }' : ''
    return new FetchError(`${place} could not be read (${code})${hint}`, { cause: error })
  }
  const { status, retryAfterSeconds } = error
  const message = `${place}: ${error.message}`
  return new FetchError(message, { status, retryAfterSeconds, cause: error })
}
