import type { KeySource } from '../../lib/keys/key-source.js'
import type { VerificationKey } from '../../lib/keys/jwk/verification-key.js'
import type { IssuerPolicy } from '../../lib/tokens/issuers/policy/policy.js'
import type { IssuerRegistry } from '../../lib/tokens/issuers/registry/registry.js'
import type { SigningKey } from '../../tools/issuer.js'
import { ISSUER, policyOf } from './policy.js'
import { verificationKeyOf } from './signature-oracle.js'

/** A trusted issuer without a network, whose keys turn when a test says so. */
export interface OneIssuer {
  readonly registry: IssuerRegistry
  readonly policy: IssuerPolicy
  /** The keys in force. */
  keys: readonly VerificationKey[]
  generation: number
  /** Happens while keys are looked up. */
  meanwhile: () => unknown
  /** With which arguments keys were looked up. */
  readonly lookUps: Parameters<KeySource['find']>[]
  /** Puts another key in force. */
  rotate(next: SigningKey): void
}

/** @param changes Of the policy. @default a policy without clock tolerance */
export function oneIssuer(key: SigningKey, changes: Partial<IssuerPolicy> = {}): OneIssuer {
  const byOptions = policyOf({ algorithms: ['ES256'], jwks: { keys: [key.jwk] } })
  const lookUps: OneIssuer['lookUps'] = []
  const source: KeySource = {
    ...byOptions.keys,
    async find(...asked) {
      lookUps.push(asked)
      const { keys } = issuer
      await issuer.meanwhile()
      return keys
    },
    generation: () => issuer.generation,
    holds: (held) => issuer.keys.includes(held),
  }
  const policy = { ...byOptions, keys: source, ...changes }
  const issuer: OneIssuer = {
    registry: {
      find: (name) => (name === ISSUER ? policy : undefined),
      known: (name) => (name === ISSUER ? policy : undefined),
      decryptionKeys: [],
      names: [ISSUER],
      policies: [policy],
      explain: (name) => `${name} is not trusted`,
      ready: async () => undefined,
      status: () => [],
      close: () => undefined,
    },
    policy,
    keys: [verificationKeyOf(key)],
    generation: 1,
    meanwhile: () => undefined,
    lookUps,
    rotate(next) {
      issuer.keys = [verificationKeyOf(next)]
      issuer.generation += 1
    },
  }
  return issuer
}
