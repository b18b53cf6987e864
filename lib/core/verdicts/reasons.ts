import { ACCESS_REASONS } from './reasons/access.js'
import { CSRF_REASONS } from './reasons/csrf.js'
import { INTROSPECTION_REASONS } from './reasons/introspection.js'
import { KEY_REASONS } from './reasons/key.js'
import { PROOF_REASONS } from './reasons/proof.js'
import { REQUEST_REASONS } from './reasons/request.js'
import { REVOCATION_REASONS } from './reasons/revocation.js'
import type { ReasonRow } from './reasons/row.js'
import { SESSION_REASONS } from './reasons/session.js'
import { SIGNAL_REASONS } from './reasons/signal.js'
import { TOKEN_REASONS } from './reasons/token.js'

/** Why, exactly. For events and logs; never sent to the client. docs/reasons.md explains each. */
export type AuthErrorReason =
  | keyof typeof REQUEST_REASONS
  | keyof typeof TOKEN_REASONS
  | keyof typeof KEY_REASONS
  | keyof typeof INTROSPECTION_REASONS
  | keyof typeof PROOF_REASONS
  | keyof typeof ACCESS_REASONS
  | keyof typeof REVOCATION_REASONS
  | keyof typeof CSRF_REASONS
  | keyof typeof SESSION_REASONS
  | keyof typeof SIGNAL_REASONS

/** Every reason, explained. A new one is a row in the file of its wing. */
export const REASONS: Readonly<Record<AuthErrorReason, ReasonRow>> = {
  ...REQUEST_REASONS,
  ...TOKEN_REASONS,
  ...KEY_REASONS,
  ...INTROSPECTION_REASONS,
  ...PROOF_REASONS,
  ...ACCESS_REASONS,
  ...REVOCATION_REASONS,
  ...CSRF_REASONS,
  ...SESSION_REASONS,
  ...SIGNAL_REASONS,
}
