import type { Auth } from '../../core/auth/auth.js'
import { noteRevoked } from '../../core/auth/revoked-auth.js'
import type { AuthError } from '../../core/verdicts/errors.js'
import { andThen, attempt } from '../../core/verdicts/outcome.js'
import type { Recheck } from '../../http/guard/recheck.js'
import { storeOutage } from '../../revocation/asking/outage.js'
import type { RevocationChecker } from '../../revocation/store.js'
import { isVerdict, noVerdict, revokedToken } from '../../revocation/asking/verdict.js'

/** A denylist, asked about open streams. */
export function denylistRecheck(checker: RevocationChecker, bypass: Recheck['bypass']): Recheck {
  return {
    again: (auth) =>
      andThen(
        attempt((): unknown => checker.check(auth), outage),
        (verdict) => meaning(auth, verdict),
      ),
    bypass,
    ...(checker.watch === undefined ? {} : { watch: (changed) => checker.watch!(changed) }),
  }
}

function outage(cause: unknown): AuthError {
  return storeOutage('revocation_unavailable', cause)
}

function meaning(auth: Auth, verdict: unknown): AuthError | undefined {
  if (!isVerdict(verdict)) return outage(noVerdict())
  if (!verdict.revoked) return undefined
  noteRevoked(auth)
  return revokedToken(verdict.by)
}
