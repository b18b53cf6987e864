import type { ChallengeParameter } from './challenge-parameter.js'
import { headersOf } from './error-headers.js'
import { CODE_ROWS, type AuthErrorCode, type AuthErrorFamily } from './codes.js'
import type { AuthErrorReason } from './reasons.js'

export type { AuthErrorCode, AuthErrorFamily, AuthErrorReason }

export interface AuthErrorOptions {
  /** Finer than `code`. For events and logs; never sent to the client. */
  readonly reason: AuthErrorReason
  /** What a developer must know to mend it. For events and logs; never sent to the client. */
  readonly detail?: string | undefined
  /** Scopes that would have been enough; sent in the challenge (RFC 6750 §3). */
  readonly scopes?: readonly string[] | undefined
  /** Further parameters of the challenge, `[name, value]` each, such as `acr_values`. They are sent after those of RFC 6750, which they cannot replace. @default none */
  readonly challenge?: readonly ChallengeParameter[] | undefined
  /** Seconds for `Retry-After`, at least 1; dependency failures and 429 only. @default 1 */
  readonly retryAfterSeconds?: number | undefined
  /** The nonce that the client is to put into its next proof; sent as `DPoP-Nonce` (RFC 9449 §9). */
  readonly nonce?: string | undefined
  /** The error behind it. Never sent to the client. */
  readonly cause?: unknown
}

const NO_PARAMETERS: readonly ChallengeParameter[] = Object.freeze([])

/**
 * Why a request was refused. `message` is safe to send; `reason`, `detail` and `cause` are for
 * logs, and docs/reasons.md explains each reason. The token is never a part of it.
 */
export class AuthError extends Error {
  override readonly name = 'AuthError'
  /** What the client is told, such as `invalid_token`. `message` is the text of it. */
  readonly code: AuthErrorCode
  /** `credential` says something of the request; `dependency`: we could not know. */
  readonly family: AuthErrorFamily
  /** Finer than `code`; docs/reasons.md explains each. For events and logs; never sent. */
  readonly reason: AuthErrorReason
  /** What a developer must know to mend it. For events and logs; never sent. */
  readonly detail: string | undefined
  /** By `code`: 400, 401, 403, 429 or 503. */
  readonly status: number
  /** The scopes that would have been enough; sent in the challenge. */
  readonly scopes: readonly string[]
  /** Further parameters of the challenge, such as `acr_values`. */
  readonly challenge: readonly ChallengeParameter[]
  /** Whole seconds; 0 where retrying the same request would not help. */
  readonly retryAfterSeconds: number
  /** Sent as `DPoP-Nonce`: the nonce for the next proof. */
  readonly nonce: string | undefined

  /** By its looks, because two copies of this package in one process must know each other's errors. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return (
      value instanceof Error &&
      value.name === 'AuthError' &&
      'family' in value &&
      'retryAfterSeconds' in value
    )
  }

  /**
   * Headers that an error handler of your own must send besides the status: challenge, `Retry-After`,
   * `DPoP-Nonce`, `Cache-Control`. Challenges are those of the guard that refused; several are joined
   * by commas (RFC 9110 §11.6.1).
   */
  get headers(): Readonly<Record<string, string>> {
    return headersOf(this)
  }

  /** `status`, by the name that http-errors gave it. */
  get statusCode(): number {
    return this.status
  }

  /** That `message` may be sent, as http-errors says it. */
  get expose(): boolean {
    return true
  }

  constructor(code: AuthErrorCode, options: AuthErrorOptions) {
    // The stack of a refusal says nothing that `reason` does not, and taking it costs more than
    // most of the checks do: a flood of bad tokens must not buy that. Where what is built in is frozen
    // (`--frozen-intrinsics`), an assignment would throw; this does not.
    const { stackTraceLimit } = Error
    Reflect.set(Error, 'stackTraceLimit', 0)
    const row = CODE_ROWS[code]
    super(row.message, options.cause === undefined ? undefined : { cause: options.cause })
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
    this.code = code
    this.family = row.family
    this.reason = options.reason
    this.detail = options.detail
    this.status = row.status
    this.scopes = options.scopes ?? []
    this.challenge = options.challenge ?? NO_PARAMETERS
    this.nonce = options.nonce
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
export function workDenied(step: string): AuthError {
  return new AuthError('too_many_requests', {
    reason: 'rate_limited',
    detail: `The network of this request has sent too many bad tokens to be worth ${step}`,
  })
}

/** Refuses the token itself: 401 `invalid_token`. */
export function invalidToken(reason: AuthErrorReason, detail?: string): AuthError {
  return new AuthError('invalid_token', detail === undefined ? { reason } : { reason, detail })
}
