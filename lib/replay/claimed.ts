import { messageOf } from '../core/values.js'
import { AuthError } from '../core/verdicts/errors.js'
import { andThen, attempt, type Outcome } from '../core/verdicts/outcome.js'
import type { ProofClaim, ReplayStore } from './store.js'

/** Whether nobody claimed it before: at once where the store answers at once. Where that cannot be known, it is an outage. */
export function claimed(replay: ReplayStore, claim: ProofClaim): Outcome<boolean> {
  const answered: Outcome<unknown> = attempt<unknown>(() => replay.claim(claim), unavailable)
  // Stores are written by others too: only yes and no are answers.
  return andThen(answered, (fresh) =>
    typeof fresh === 'boolean' ? fresh : unavailable(new TypeError('claim() gave no boolean')),
  )
}

/** Whatever a store throws, it does not know. */
function unavailable(cause: unknown): AuthError {
  const detail = messageOf(cause)
  return new AuthError('temporarily_unavailable', { reason: 'replay_unavailable', detail, cause })
}
