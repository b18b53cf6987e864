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
  insufficient_user_authentication: {
    status: 401,
    family: 'credential',
    challenge: 'error',
    retry: false,
    byOrigin: false,
    message: 'A stronger or more recent login is required',
  },
  invalid_dpop_proof: {
    status: 401,
    family: 'credential',
    challenge: 'error',
    retry: false,
    byOrigin: false,
    message: 'The DPoP proof is missing, malformed, used before or not meant for this request',
  },
  use_dpop_nonce: {
    status: 401,
    family: 'credential',
    challenge: 'error',
    retry: false,
    byOrigin: false,
    message: 'The DPoP proof must carry the nonce of this answer',
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
  login_failed: {
    status: 400,
    family: 'credential',
    challenge: 'none',
    retry: false,
    byOrigin: false,
    message: 'The login could not be completed; begin again',
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
 * RFC 6750 §3.1, `insufficient_user_authentication` of RFC 9470 §3; `no_credential` is never sent, because that section wants no error code where no
 * credential was offered.
 */
export type AuthErrorCode = keyof typeof CODES

/** The same as a type, with all that each says. */
export type CodeRows = typeof CODES

/** How each is answered. */
export const CODE_ROWS: Readonly<Record<AuthErrorCode, CodeRow>> = CODES

/** Undefined for a code of another copy of this package, which may have more of them. */
export function codeRow(code: string): CodeRow | undefined {
  const rows: Readonly<Record<string, CodeRow>> = CODE_ROWS
  return Object.hasOwn(rows, code) ? rows[code] : undefined
}
