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

/** Whatever went wrong on the way to `target`, as a FetchError that names it. */
export function fetchErrorAt(target: URL, error: unknown): FetchError {
  if (!(error instanceof FetchError)) {
    const code = codeOf(error) ?? 'unknown error'
    return new FetchError(`${target.href} could not be read (${code})`, { cause: error })
  }
  const { status, retryAfterSeconds } = error
  const message = `${target.href}: ${error.message}`
  return new FetchError(message, { status, retryAfterSeconds, cause: error })
}
