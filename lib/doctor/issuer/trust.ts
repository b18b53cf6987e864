import { systemClock, type Clock } from '../../core/clock.js'
import { optionCheck } from '../../core/options/option-check.js'
import { createEvents } from '../../core/events/events.js'
import { createTrust } from '../../guards/bearer/source.js'
import type { JwtVerifier } from '../../tokens/access/verifier.js'
import type { IssuerOptions } from '../../tokens/issuers/policy/options.js'
import type { IssuerPolicy } from '../../tokens/issuers/policy/policy.js'
import type { IssuerRegistry, TrustedIssuers } from '../../tokens/issuers/registry/registry.js'

/** What requireBearer would be made of: nothing here judges by other means. */
export interface Judge {
  readonly issuers: IssuerRegistry
  readonly jwt: JwtVerifier
  readonly clock: Clock
}

/** A judge by one issuer. */
export interface DoctorTrust extends Judge {
  readonly options: IssuerOptions
  readonly policy: IssuerPolicy
}

/** @throws TypeError for an option that requireBearer would refuse. */
export function createDoctorTrust(options: IssuerOptions): DoctorTrust {
  const judge = createJudge(options)
  const policy = judge.issuers.known([options.issuer].flat(2)[0] ?? '')
  if (policy === undefined)
    return optionCheck('doctor').refuse('issuer', 'be given', options.issuer)
  return { ...judge, options, policy }
}

export function createJudge(options: TrustedIssuers): Judge {
  // The checks find by themselves all that events would tell.
  const events = createEvents(() => undefined)
  const given = { events, clock: systemClock }
  const { issuers, jwt } = createTrust(optionCheck('doctor'), options, given)
  return { issuers, jwt, clock: systemClock }
}
