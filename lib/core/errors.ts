/**
 * What the client is told. The first three are RFC 6750 §3.1; `no_credential` is never sent,
 * because that section wants no error code where no credential was offered.
 */
export type AuthErrorCode =
  | 'no_credential'
  | 'invalid_request'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'csrf_cross_site'
  | 'csrf_origin_mismatch'
  | 'csrf_origin_missing'
  | 'csrf_header_missing'
  | 'csrf_token_missing'
  | 'csrf_token_invalid'
  | 'too_many_requests'
  | 'temporarily_unavailable'

/**
 * `credential`: the request is at fault. `dependency`: we cannot know, because keys or the
 * denylist do not answer. The two are told apart by where the error arose, never by its class.
 */
export type AuthErrorFamily = 'credential' | 'dependency'

/** Why, exactly. For events and logs; never sent to the client. */
export type AuthErrorReason =
  | 'no_credential'
  | 'unsupported_scheme'
  | 'malformed_authorization'
  | 'duplicate_authorization'
  | 'duplicate_cookie'
  | 'malformed_cookie'
  | 'broken_seal'
  | 'token_too_large'
  | 'malformed_token'
  | 'encrypted_token'
  | 'algorithm_not_allowed'
  | 'critical_header'
  | 'wrong_type'
  | 'not_an_access_token'
  | 'not_an_id_token'
  | 'not_a_logout_token'
  | 'malformed_request'
  | 'unknown_issuer'
  | 'wrong_audience'
  | 'wrong_client'
  | 'expired'
  | 'not_yet_valid'
  | 'issued_in_future'
  | 'too_old'
  | 'missing_claim'
  | 'malformed_claim'
  | 'bound_token'
  | 'unknown_key'
  | 'compromised_key'
  | 'key_mismatch'
  | 'bad_signature'
  | 'refused_by_validate'
  | 'revoked'
  | 'before_floor'
  | 'lifetime_exceeds_store'
  | 'scope_missing'
  | 'role_missing'
  | 'permission_missing'
  | 'claim_mismatch'
  | 'csrf_cross_site'
  | 'csrf_origin_mismatch'
  | 'csrf_origin_missing'
  | 'csrf_header_missing'
  | 'csrf_token_missing'
  | 'csrf_token_invalid'
  | 'rate_limited'
  | 'overloaded'
  | 'keys_unavailable'
  | 'issuer_unresolved'
  | 'revocation_unavailable'
  | 'revocation_not_stored'
  | 'validate_unavailable'

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

const STATUS: Readonly<Record<AuthErrorCode, number>> = {
  no_credential: 401,
  invalid_request: 400,
  invalid_token: 401,
  insufficient_scope: 403,
  csrf_cross_site: 403,
  csrf_origin_mismatch: 403,
  csrf_origin_missing: 403,
  csrf_header_missing: 403,
  csrf_token_missing: 403,
  csrf_token_invalid: 403,
  too_many_requests: 429,
  temporarily_unavailable: 503,
}

/** One text per code: expired, revoked and forged must look alike to whoever probes us. */
const MESSAGE: Readonly<Record<AuthErrorCode, string>> = {
  no_credential: 'An access token is required',
  invalid_request: 'The request must carry exactly one well-formed bearer token',
  invalid_token: 'The access token is malformed, expired, revoked or not meant for this API',
  insufficient_scope: 'The access token does not grant what this request needs',
  csrf_cross_site: 'A page of another site sent this request',
  csrf_origin_mismatch: 'The Origin of this request is not trusted',
  csrf_origin_missing: 'This request names no origin and carries a cookie',
  csrf_header_missing: 'This request lacks the header that pages of this site send',
  csrf_token_missing: 'This request lacks a CSRF token',
  csrf_token_invalid: 'The CSRF token does not belong to this session; load the page again',
  too_many_requests: 'Too many requests; try again later',
  temporarily_unavailable: 'The request cannot be judged right now; try again',
}

/**
 * Why a request was refused. `message` is safe to send; `reason`, `detail` and `cause` are for
 * logs. The token is never a part of it.
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
    // most of the checks do: a flood of bad tokens must not buy that. Where what is built in is frozen
    // (`--frozen-intrinsics`), an assignment would throw; this does not.
    const { stackTraceLimit } = Error
    Reflect.set(Error, 'stackTraceLimit', 0)
    super(MESSAGE[code], options.cause === undefined ? undefined : { cause: options.cause })
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
    this.code = code
    this.family = code === 'temporarily_unavailable' ? 'dependency' : 'credential'
    this.reason = options.reason
    this.detail = options.detail
    this.status = STATUS[code]
    this.scopes = options.scopes ?? []
    const isTemporary = this.family === 'dependency' || code === 'too_many_requests'
    this.retryAfterSeconds = isTemporary ? wholeSeconds(options.retryAfterSeconds) : 0
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
