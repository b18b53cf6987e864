import type { Clock } from '../../core/clock.js'
import { NOBODY, type Sender } from '../../core/queue/sender.js'
import type { Outcome } from '../../core/verdicts/outcome.js'
import { judgeKey } from '../issuers/verify-signature.js'
import { unknownIssuer, type IssuerRegistry } from '../issuers/registry/registry.js'
import { judgeTimes } from './claim-rules.js'
import type { Credential } from './credential.js'
import type { JudgeAgain, VerifiedEntry } from './entries.js'

/** All steps of a token that was never seen. */
type Check = (credential: Credential, text: string, sender: Sender) => Outcome<VerifiedEntry>

/**
 * Judges the token of an open stream, by all that may have changed since: issuer, key and time. Its
 * proof and the app's own rule have let the stream in.
 */
export function judgingAgain(
  issuers: IssuerRegistry,
  clock: Clock,
  check: Check,
): JudgeAgain<VerifiedEntry> {
  return (entry) => {
    const { policy, key, auth } = entry
    if (issuers.confirm !== undefined) {
      if (!issuers.confirm(auth.issuer)) return unknownIssuer(issuers, auth.issuer)
      // Other issuers have pushed it out, or its rules have changed. One that is looked for stays.
      if (issuers.known(auth.issuer) !== policy) return judgeAnew(entry, check)
    }
    return judgeKey(policy, key) ?? judgeTimes(entry, policy, clock()) ?? entry
  }
}

/** The scheme says which proof later requests with this token need: it is remembered for them. */
function judgeAnew(entry: VerifiedEntry, check: Check): Outcome<VerifiedEntry> {
  const { transport } = entry.auth
  return entry.withText((text) => {
    const [token = '', word = ''] = text.trim().split(/ +/).toReversed()
    const scheme = word.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer'
    return check({ token, scheme, transport }, text, NOBODY)
  })
}
