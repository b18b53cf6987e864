import type { AuthErrorReason } from '../../../lib/index.js'
import type { Told } from '../tour.js'

/** Every bad token gets the same challenge: expired, revoked and forged must look alike to a prober. */
export function invalidToken(reason: AuthErrorReason): Told {
  return { status: 401, reason, challenge: 'Bearer realm="api", error="invalid_token"' }
}

/** An outage says nothing about the token: no challenge, and when to come back. */
export function unavailable(reason: AuthErrorReason): Told {
  return { status: 503, reason }
}
