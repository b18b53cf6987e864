import { AuthError, type AuthErrorReason } from '../../../core/verdicts/errors.js'

/** Refuses the proof: 401 `invalid_dpop_proof` (RFC 9449 §7.1). The detail never holds what came. */
export function invalidProof(reason: AuthErrorReason, detail: string): AuthError {
  return new AuthError('invalid_dpop_proof', { reason, detail })
}
