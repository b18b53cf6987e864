import type { Clock } from '../../../core/clock.js'
import type { Sender } from '../../../core/queue/sender.js'
import type { VerificationKey } from '../../../keys/jwk/verification-key.js'
import type { IssuerPolicy } from '../../issuers/policy/policy.js'
import type { Claims } from '../../jwt/claims.js'
import type { Endpoint } from './endpoint.js'
import type { IntrospectionSettings } from './options.js'

/** What one call asks, and how. */
export interface Question {
  readonly token: string
  readonly endpoint: Endpoint
  readonly policy: IssuerPolicy
  readonly settings: IntrospectionSettings
  readonly clock: Clock
  readonly sender: Sender
  readonly signal: AbortSignal
}

/** What an introspection endpoint said, of the right shape but not judged. */
export interface Answer {
  readonly active: boolean
  readonly claims: Claims
  /** Which key of the issuer has signed it; undefined for a plain answer. */
  readonly key: VerificationKey | undefined
}
