import { systemClock, type Clock } from '../../core/clock.js'
import { optionCheck } from '../../core/options.js'
import { createEvents } from '../../core/verdicts/events.js'
import { createTrust } from '../../guards/bearer/source.js'
import type { JwtVerifier } from '../../tokens/access/verifier.js'
import type { IssuerOptions } from '../../tokens/issuers/options.js'
import type { IssuerPolicy } from '../../tokens/issuers/policy.js'
import type { IssuerRegistry } from '../../tokens/issuers/registry.js'

/** What requireBearer would be made of, with these options: nothing here judges by other means. */
export interface DoctorTrust {
  readonly options: IssuerOptions
  readonly policy: IssuerPolicy
  readonly issuers: IssuerRegistry
  readonly jwt: JwtVerifier
  readonly clock: Clock
}

/** @throws TypeError for an option that requireBearer would refuse. */
export function createDoctorTrust(options: IssuerOptions): DoctorTrust {
  const check = optionCheck('doctor')
  // What events tell is found by the checks themselves.
  const events = createEvents(() => undefined)
  const { issuers, jwt } = createTrust(check, options, { events, clock: systemClock })
  const policy = issuers.known([options.issuer].flat(2)[0] ?? '')
  if (policy === undefined) return check.refuse('issuer', 'be given', options.issuer)
  return { options, policy, issuers, jwt, clock: systemClock }
}
