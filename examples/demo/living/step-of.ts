import type { AuthErrorReason } from '../../../lib/index.js'

/** The steps of a request, in their order. */
export const STEP_NAMES = [
  'csrf',
  'credential',
  'signature',
  'claims',
  'denylist',
  'scope',
] as const

export type StepName = (typeof STEP_NAMES)[number]

const REASONS: Readonly<Partial<Record<StepName, RegExp>>> = {
  csrf: /^csrf_/,
  credential:
    /^(no_credential|unsupported_scheme|duplicate_|malformed_(authorization|cookie|request)|broken_seal|token_too_large|rate_limited|overloaded)/,
  signature:
    /^(unknown_key|compromised_key|key_mismatch|bad_signature|keys_unavailable|algorithm_not_allowed|introspection_|inactive_token)/,
  denylist: /^(revoked|before_floor|revocation_|lifetime_exceeds_store)/,
  scope: /^scope_missing/,
}

/** The step that a reason belongs to: a request is refused for one fault, at one step. */
export function stepOf(reason: AuthErrorReason): StepName {
  return STEP_NAMES.find((name) => REASONS[name]?.test(reason) === true) ?? 'claims'
}
