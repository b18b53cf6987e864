import { AuthError } from '../../core/verdicts/errors.js'
import { warn } from '../../core/events/warnings.js'
import type { OptionCheck } from '../../core/options/option-check.js'
import { messageOf } from '../../core/values.js'
import type { JwtVerifier, JwtVerifierOptions } from '../access/verifier.js'
import { createJwtVerifier } from '../access/verifier.js'
import type { createIssuers } from '../issuers/create.js'
import type { IssuerFields } from '../issuers/policy/options.js'
import { boundToken, type Possession, type ProofNeed } from '../proof/binding/possession.js'
import { createIntrospector, type IntrospectorSetup } from './introspector.js'
import { loadOauth } from './asking/oauth.js'
import { compileIntrospection, type IntrospectionOptions } from './asking/options.js'
import { createIntrospectingVerifier } from './verifier.js'

type TrustedIssuers = Parameters<typeof createIssuers>[0]

/** What verifies tokens, and what ends its calls. */
export interface TokensAndCalls {
  readonly verifier: JwtVerifier
  readonly close: () => void
}

/** The JWT verifier, with introspection beside it. @throws TypeError naming the option and the fix. */
export function createIntrospection(
  check: OptionCheck,
  option: IntrospectionOptions,
  trusted: TrustedIssuers,
  context: JwtVerifierOptions & Pick<IntrospectorSetup, 'timer' | 'emit'>,
): TokensAndCalls {
  const settings = compileIntrospection(check, option)
  const issuer = issuerAsked(check, settings.issuer, trusted)
  loadOauth().catch((cause: unknown) => warn('ERS_MISSING_PEER', messageOf(cause)))
  const { issuers, clock, timer, emit, possession } = context
  const { all } = settings
  const jwt = createJwtVerifier(all ? { ...context, asksApp: false, possession: LATER } : context)
  const introspector = createIntrospector({ settings, issuer, clock, timer, emit, possession })
  const verifier = createIntrospectingVerifier({
    jwt,
    introspector,
    issuers,
    issuer,
    all,
    clock,
    possession,
  })
  return { verifier, close: () => introspector.close() }
}

/** A proof counts once: it is judged when all is known of the token, the answer included. */
const LATER: Possession = { needOf: () => undefined, judge: (need) => failClosed(need) }

function failClosed(need: ProofNeed): AuthError {
  return need instanceof AuthError ? need : boundToken('its proof was asked for too early')
}

/** An opaque token does not say whose it is, and is shown to nobody but its issuer. */
function issuerAsked(
  check: OptionCheck,
  named: string | undefined,
  trusted: TrustedIssuers,
): string {
  const list = trusted.issuers ?? [trusted]
  const choices = Array.isArray(list) ? (list as readonly IssuerFields[]) : undefined
  const known = choices?.map(({ issuer }) => [issuer].flat(2) as readonly string[])
  const whole = known?.find((names) => named === undefined || names.includes(named))
  if (choices?.some(({ profile }) => profile === 'id_token') === true) {
    check.refuse('introspection', 'be left out with the profile "id_token"', 'both')
  }
  if (named === undefined && known?.length !== 1) {
    check.refuse('introspection.issuer', 'name one, where there are several issuers', undefined)
  }
  if (known !== undefined && whole === undefined) {
    check.refuse('introspection.issuer', 'be one of the issuers', named)
  }
  return named ?? whole?.[0] ?? ''
}
