import type { Clock } from '../../core/clock.js'
import { judgeKey } from '../issuers/verify-signature.js'
import { unknownIssuer, type IssuerRegistry } from '../issuers/registry/registry.js'
import { judgeTimes } from './claim-rules.js'
import type { JudgeAgain, VerifiedEntry } from './entries.js'

/**
 * Judges the token of an open stream, by all that may have changed since: issuer, key and time. Its
 * proof and the app's own rule have let the stream in.
 */
export function judgingAgain(issuers: IssuerRegistry, clock: Clock): JudgeAgain<VerifiedEntry> {
  return (entry) => {
    const { policy, key, auth } = entry
    if (issuers.admits?.(auth.issuer) === false) return unknownIssuer(issuers, auth.issuer)
    // A resolved issuer that is looked for stays, and with it the keys that are asked about.
    issuers.known(auth.issuer)
    return judgeKey(policy, key) ?? judgeTimes(entry, policy, clock()) ?? entry
  }
}
