import { AuthError } from '../../core/verdicts/errors.js'
import { messageOf } from '../../core/values.js'
import { RevocationUnavailable } from '../store.js'

/** What a store's failure is to the request. Whatever it throws, it does not know: the token is not at fault. */
export function storeOutage(
  reason: 'revocation_unavailable' | 'revocation_not_stored',
  cause: unknown,
): AuthError {
  return new AuthError('temporarily_unavailable', {
    reason,
    detail: messageOf(cause),
    retryAfterSeconds: cause instanceof RevocationUnavailable ? cause.retryAfterSeconds : 1,
    cause,
  })
}
