import type { GuardFacts, IssuerFacts } from '../../http/guard/facts.js'
import type { IssuerFields } from '../../tokens/issuers/policy/options.js'
import type { IssuerPolicy } from '../../tokens/issuers/policy/policy.js'
import type { Proofs } from '../../tokens/proof/proofs.js'
import type { RequireBearerOptions } from './options.js'

/** @param policies Of the issuers that are known in advance, in the order of the options. */
export function bearerFacts(
  options: RequireBearerOptions,
  policies: readonly IssuerPolicy[],
  { dpopAlgorithms, mtls, required }: Proofs,
): GuardFacts {
  const { cookie, introspection } = options
  const takesProof = dpopAlgorithms !== undefined || mtls
  return {
    kind: 'bearer',
    issuers: policies.map((policy, index) => issuerFacts(policy, optionsOf(options, index))),
    elsewhere: elsewhereOf(options),
    optional: options.optional ?? false,
    cookie:
      cookie === undefined
        ? undefined
        : typeof cookie === 'string'
          ? { name: cookie, sealed: false }
          : { name: cookie.name, sealed: cookie.open !== undefined },
    proof: takesProof ? (required ? 'required' : 'taken') : 'none',
    introspection: introspection === undefined ? 'none' : (introspection.for ?? 'opaque'),
    throttle: options.throttle !== undefined,
  }
}

function elsewhereOf(options: RequireBearerOptions): 'verifier' | 'resolver' | undefined {
  if (options.verifier !== undefined) return 'verifier'
  return options.issuers !== undefined && !Array.isArray(options.issuers) ? 'resolver' : undefined
}

function optionsOf(options: RequireBearerOptions, index: number): Partial<IssuerFields> {
  if (options.verifier !== undefined) return {}
  if (options.issuers === undefined) return options
  const { issuers } = options
  return 'resolve' in issuers ? {} : (issuers[index] ?? {})
}

function issuerFacts(policy: IssuerPolicy, options: Partial<IssuerFields>): IssuerFacts {
  const { audiences, clientIds, profile, clockToleranceSeconds, network } = policy
  return {
    issuer: policy.issuers[0] ?? '',
    audiences,
    clientIds,
    algorithms: [...policy.algorithms],
    profile,
    clockToleranceSeconds,
    keys: keysOf(options),
    plainHttp: [...network.allowance.http],
  }
}

function keysOf({ secret, jwks, jwksUri }: Partial<IssuerFields>): IssuerFacts['keys'] {
  if (secret !== undefined) return 'a shared secret'
  if (typeof jwks === 'function') return 'a function'
  if (jwks !== undefined) return 'fixed'
  return jwksUri === undefined ? 'discovery' : 'a given place'
}
