import { systemClock, type Clock } from '../../core/clock.js'
import type { OptionCheck } from '../../core/options/option-check.js'
import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { bindingOf } from './binding/binding.js'
import { compileDpop, compilePublicOrigins, type DpopOptions } from './dpop/dpop-options.js'
import { createDpop } from './dpop/dpop.js'
import { compileMtls, type MtlsOptions } from './mtls/mtls-options.js'
import { judgeCertificate } from './mtls/mtls.js'
import { boundToken, type Possession, type ProofNeed } from './binding/possession.js'
import { loadProofs } from './dpop/proof-signature.js'

export interface ProofOptions {
  /**
   * The public origin of this API, or several: what a DPoP proof must name. Without it, a proxy that
   * Express trusts must tell. @default what a trusted proxy says
   */
  readonly origin?: string | readonly string[] | undefined
  /** Takes tokens bound to a key, with their proofs (RFC 9449). @default they are refused */
  readonly dpop?: DpopOptions | undefined
  /** Takes tokens bound to the client's certificate (RFC 8705). @default they are refused */
  readonly mtls?: MtlsOptions | undefined
}

export const PROOF_OPTION_NAMES: readonly (keyof ProofOptions)[] = ['origin', 'dpop', 'mtls']

/** How tokens of a guard must be proven, for its challenges and its metadata. */
export interface Proofs {
  readonly possession: Possession
  /** Algorithms of proofs; undefined where none are taken. */
  readonly dpopAlgorithms: readonly string[] | undefined
  readonly mtls: boolean
  /** Whether plain bearer tokens are refused. */
  readonly required: boolean
}

export function createProofs(
  check: OptionCheck,
  options: ProofOptions & { readonly clock?: Clock | undefined },
): Proofs {
  const dpop = options.dpop && compileDpop(check, options.dpop)
  const mtls = options.mtls && compileMtls(check, options.mtls)
  if (options.origin !== undefined && dpop === undefined) {
    const must = 'be left out without "dpop". Did you mean "cookie.origin"?'
    check.refuse('origin', must, options.origin)
  }
  const origins = compilePublicOrigins(check, options.origin)
  if (dpop !== undefined) loadProofs()
  const judgeProof = dpop && createDpop(dpop, { clock: options.clock ?? systemClock, origins })
  const required = dpop?.required === true || mtls?.required === true

  const possession: Possession = {
    needOf(claims, scheme) {
      const binding = bindingOf(claims)
      if (binding instanceof AuthError) return binding
      const { keyThumbprint, certificateThumbprint } = binding ?? {}
      if (keyThumbprint === undefined && scheme === 'DPoP') {
        return invalidToken('unbound_token', 'It came with the scheme DPoP, and is bound to no key')
      }
      if (binding === undefined) {
        return required
          ? invalidToken('unbound_token', 'Plain tokens are not taken here')
          : undefined
      }
      if (keyThumbprint !== undefined && dpop === undefined) return boundToken('no "dpop" is set')
      if (keyThumbprint !== undefined && scheme !== 'DPoP') {
        return boundToken('it was not sent with the scheme DPoP')
      }
      if (certificateThumbprint !== undefined && mtls === undefined) {
        return boundToken('no "mtls" is set')
      }
      return binding
    },
    judge(need: ProofNeed, { token, head, sender }) {
      if (need instanceof AuthError) return need
      if (head === undefined) return boundToken('no request carries it')
      const { keyThumbprint, certificateThumbprint } = need
      if (certificateThumbprint !== undefined) {
        if (mtls === undefined) return boundToken('no "mtls" is set')
        const refusal = judgeCertificate(mtls, head, certificateThumbprint)
        if (refusal !== undefined) return refusal
      }
      if (keyThumbprint === undefined) return {}
      if (judgeProof === undefined) return boundToken('no "dpop" is set')
      return judgeProof({ token, head, thumbprint: keyThumbprint, ...(sender && { sender }) })
    },
  }
  return {
    possession,
    dpopAlgorithms: dpop && [...dpop.algorithms],
    mtls: mtls !== undefined,
    required,
  }
}
