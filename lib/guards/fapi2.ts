import { optionCheck, type OptionCheck } from '../core/options/option-check.js'
import { refuseRevoked } from '../revocation/asking/refuse-revoked.js'
import { requireChecker } from '../revocation/asking/store-option.js'
import type { RevocationChecker } from '../revocation/store.js'
import type { IssuerOptions } from '../tokens/issuers/policy/options.js'
import type { BearerOptions } from './bearer/options.js'

export type Fapi2Options = IssuerOptions &
  BearerOptions & {
    /** Where revoked tokens are looked up, on each request: `redisRevocationStore()` or another. */
    readonly revocations: RevocationChecker
  }

/** FAPI 2.0 Security Profile §5.4.1, with the name that RFC 9864 gives Ed25519. */
const ALGORITHMS = ['PS256', 'ES256', 'EdDSA', 'Ed25519']

/**
 * Options of `requireBearer` for the FAPI 2.0 Security Profile (§5.3.4, §5.4): tokens bound to a key or
 * certificate of their client and no others, revocation asked on each request, and its algorithms alone.
 *
 * @example
 * requireBearer(fapi2({ issuer, audience, origin, revocations, dpop: { replay: redisReplayStore({ redis }) } }))
 *
 * @throws TypeError at construction, where what the profile demands is missing or contradicted.
 */
export function fapi2({ revocations, ...options }: Fapi2Options): IssuerOptions & BearerOptions {
  const check = optionCheck('fapi2')
  requireChecker(check, revocations)
  const { dpop, mtls, validate, algorithms } = options
  check.optionalFunction('validate', validate)
  if (dpop === undefined && mtls === undefined) {
    check.refuse('dpop', 'be given, or "mtls": plain bearer tokens are not taken', undefined)
  }
  if (options.optional === true) check.refuse('optional', 'be left out', true)
  return {
    ...options,
    algorithms: profiled(check, 'algorithms', algorithms),
    ...(dpop && {
      dpop: {
        ...dpop,
        mode: required(check, 'dpop.mode', dpop.mode),
        algorithms: profiled(check, 'dpop.algorithms', dpop.algorithms),
      },
    }),
    ...(mtls && { mtls: { ...mtls, mode: required(check, 'mtls.mode', mtls.mode) } }),
    async validate(auth) {
      await refuseRevoked(revocations, auth)
      // False and errors refuse by being returned.
      return validate?.(auth)
    },
  }
}

function profiled(
  check: OptionCheck,
  option: string,
  given: readonly string[] | undefined,
): readonly string[] {
  const names = check.strings(option, given ?? ALGORITHMS)
  const stray = names.find((name) => !ALGORITHMS.includes(name))
  if (stray !== undefined) check.refuse(option, `be of ${ALGORITHMS.join(', ')}`, stray)
  return names
}

function required(check: OptionCheck, option: string, mode: string | undefined): 'require' {
  return check.oneOf(option, mode, ['require'], 'require')
}
