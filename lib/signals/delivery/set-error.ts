import type { AuthError, AuthErrorReason } from '../../core/verdicts/errors.js'

/** Codes of RFC 8935 §2.4, and one of OpenID SSF 1.0 §8.1.4. */
export type SetErrorCode =
  | 'invalid_request'
  | 'invalid_key'
  | 'invalid_issuer'
  | 'invalid_audience'
  | 'invalid_state'
  | 'authentication_failed'
  | 'access_denied'

/** How a transmitter is told that an event is not taken. */
export interface SetError {
  readonly err: SetErrorCode
  readonly description: string
}

const CODES: Partial<Record<AuthErrorReason, SetErrorCode>> = {
  unknown_issuer: 'invalid_issuer',
  wrong_audience: 'invalid_audience',
  algorithm_not_allowed: 'invalid_key',
  unknown_key: 'invalid_key',
  compromised_key: 'invalid_key',
  bad_signature: 'authentication_failed',
  sender_unauthenticated: 'authentication_failed',
  foreign_subject: 'access_denied',
  unexpected_state: 'invalid_state',
}

const DESCRIPTIONS: Readonly<Record<SetErrorCode, string>> = {
  invalid_request: 'The request or the security event token is malformed',
  invalid_key: 'The key or algorithm of the signature is not accepted',
  invalid_issuer: 'The issuer is not the transmitter of this stream',
  invalid_audience: 'The token is meant for another receiver',
  invalid_state: 'The state is not the one that was asked for',
  authentication_failed: 'The transmitter could not be authenticated',
  access_denied: 'The transmitter does not speak for this subject',
}

/** One text a code: the exact fault is told to us, and to nobody who probes. */
export function setError({ reason }: AuthError): SetError {
  const err = CODES[reason] ?? 'invalid_request'
  return { err, description: DESCRIPTIONS[err] }
}
