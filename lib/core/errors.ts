import type { AuthErrorReason } from './reasons.js'

export type { AuthErrorReason }

/**
 * `credential`: the request is at fault. `dependency`: we cannot know, because keys or the
 * denylist do not answer. The two are told apart by where the error arose, never by its class.
 */
export type AuthErrorFamily = 'credential' | 'dependency'

/** How a refusal is answered. */
export interface CodeRow {
  readonly status: number
  /** One text per code: expired, revoked and forged must look alike to whoever probes us. */
  readonly message: string
  readonly family: AuthErrorFamily
  /**
   * `bare` names no error, because RFC 6750 §3.1 wants none where no credential came; the body then
   * names none either. `none`: there is no credential to ask for.
   */
  readonly challenge: 'none' | 'bare' | 'error'
  /** Whether the same request may succeed later: `Retry-After`. */
  readonly retry: boolean
  /** Whether the headers that tell the sender's origin decide: `Vary`. */
  readonly byOrigin: boolean
}

/** One row a code, and nothing besides: whoever answers a refusal reads it here. */
const CODES = {
  no_credential: {
    status: 401,
    family: 'credential',
    challenge: 'bare',
    retry: false,
    byOrigin: false,
    message: 'An access token is required',
  },
  invalid_request: {
    status: 400,
    family: 'credential',
    challenge: 'error',
    retry: false,
    byOrigin: false,
    message: 'The request must carry exactly one well-formed bearer token',
  },
  invalid_token: {
    status: 401,
    family: 'credential',
    challenge: 'error',
    retry: false,
    byOrigin: false,
    message: 'The access token is malformed, expired, revoked or not meant for this API',
  },
  insufficient_scope: {
    status: 403,
    family: 'credential',
    challenge: 'error',
    retry: false,
    byOrigin: false,
    message: 'The access token does not grant what this request needs',
  },
  csrf_cross_site: {
    status: 403,
    family: 'credential',
    challenge: 'none',
    retry: false,
    byOrigin: true,
    message: 'A page of another site sent this request',
  },
  csrf_origin_mismatch: {
    status: 403,
    family: 'credential',
    challenge: 'none',
    retry: false,
    byOrigin: true,
    message: 'The Origin of this request is not trusted',
  },
  csrf_origin_missing: {
    status: 403,
    family: 'credential',
    challenge: 'none',
    retry: false,
    byOrigin: true,
    message: 'This request names no origin and carries a cookie',
  },
  csrf_header_missing: {
    status: 403,
    family: 'credential',
    challenge: 'none',
    retry: false,
    byOrigin: true,
    message: 'This request lacks the header that pages of this site send',
  },
  csrf_token_missing: {
    status: 403,
    family: 'credential',
    challenge: 'none',
    retry: false,
    byOrigin: true,
    message: 'This request lacks a CSRF token',
  },
  csrf_token_invalid: {
    status: 403,
    family: 'credential',
    challenge: 'none',
    retry: false,
    byOrigin: true,
    message: 'The CSRF token does not belong to this session; load the page again',
  },
  too_many_requests: {
    status: 429,
    family: 'credential',
    challenge: 'none',
    retry: true,
    byOrigin: false,
    message: 'Too many requests; try again later',
  },
  temporarily_unavailable: {
    status: 503,
    family: 'dependency',
    challenge: 'none',
    retry: true,
    byOrigin: false,
    message: 'The request cannot be judged right now; try again',
  },
} as const

/**
 * All that the client is told. `invalid_request`, `invalid_token` and `insufficient_scope` are of
 * RFC 6750 §3.1; `no_credential` is never sent, because that section wants no error code where no
 * credential was offered.
 */
export type AuthErrorCode = keyof typeof CODES

/** Undefined for a code of another copy of this package, which may have more of them. */
export function codeRow(code: string): CodeRow | undefined {
  const rows: Readonly<Record<string, CodeRow>> = CODES
  return Object.hasOwn(CODES, code) ? rows[code] : undefined
}

export interface AuthErrorOptions {
  /** Finer than `code`. For events and logs; never sent to the client. */
  readonly reason: AuthErrorReason
  /** What a developer must know to mend it. For events and logs; never sent to the client. */
  readonly detail?: string
  /** Scopes that would have been enough; sent in the challenge (RFC 6750 §3). */
  readonly scopes?: readonly string[]
  /** Seconds for `Retry-After`, at least 1; dependency failures and 429 only. @default 1 */
  readonly retryAfterSeconds?: number
  readonly cause?: unknown
}

/**
 * Why a request was refused. `message` is safe to send; `reason`, `detail` and `cause` are for
 * logs, and docs/reasons.md explains each reason. The token is never a part of it.
 */
export class AuthError extends Error {
  override readonly name = 'AuthError'
  readonly code: AuthErrorCode
  readonly family: AuthErrorFamily
  readonly reason: AuthErrorReason
  readonly detail: string | undefined
  readonly status: number
  readonly scopes: readonly string[]
  /** Whole seconds; 0 where retrying the same request would not help. */
  readonly retryAfterSeconds: number

  /** By its looks, because two copies of this package in one process must know each other's errors. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return (
      value instanceof Error &&
      value.name === 'AuthError' &&
      'family' in value &&
      'retryAfterSeconds' in value
    )
  }

  constructor(code: AuthErrorCode, options: AuthErrorOptions) {
    // The stack of a refusal says nothing that `reason` does not, and taking it costs more than
    // most of the checks do: a flood of bad tokens must not buy that.
    const stackTraceLimit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    const row: CodeRow = CODES[code]
    super(row.message, options.cause === undefined ? undefined : { cause: options.cause })
    Error.stackTraceLimit = stackTraceLimit
    this.code = code
    this.family = row.family
    this.reason = options.reason
    this.detail = options.detail
    this.status = row.status
    this.scopes = options.scopes ?? []
    this.retryAfterSeconds = row.retry ? wholeSeconds(options.retryAfterSeconds) : 0
  }
}

/** `Retry-After` knows whole seconds only (RFC 9110 §10.2.3), and a store of somebody else's may not. */
function wholeSeconds(seconds = 1): number {
  return seconds > 1 && Number.isFinite(seconds) ? Math.ceil(seconds) : 1
}

/**
 * Refuses to spend on a token whose sender has failed too often. It says nothing of the token, so it
 * is neither remembered nor counted.
 */
export function tooCostly(step: string): AuthError {
  return new AuthError('too_many_requests', {
    reason: 'rate_limited',
    detail: `The network of this request has sent too many bad tokens to be worth ${step}`,
  })
}

/** Refuses the token itself: 401 `invalid_token`. */
export function invalidToken(reason: AuthErrorReason, detail?: string): AuthError {
  return new AuthError('invalid_token', detail === undefined ? { reason } : { reason, detail })
}
