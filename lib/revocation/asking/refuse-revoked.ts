import type { Auth } from '../../core/auth/auth.js'
import { storeOutage } from './outage.js'
import type { RevocationChecker } from '../store.js'
import { isVerdict, noVerdict, revokedToken } from './verdict.js'

/** Asks where no request is at hand. Rejects with the `AuthError` that refuses the token. */
export async function refuseRevoked(revocations: RevocationChecker, auth: Auth): Promise<void> {
  let verdict: unknown
  try {
    verdict = await revocations.check(auth)
  } catch (cause) {
    throw storeOutage('revocation_unavailable', cause)
  }
  if (!isVerdict(verdict)) throw storeOutage('revocation_unavailable', noVerdict())
  if (verdict.revoked) throw revokedToken(verdict.by)
}
