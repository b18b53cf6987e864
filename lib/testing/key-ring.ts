import type { JsonWebKeySet } from '../tokens/issuers/policy/options.js'
import { createSigningKey, type SigningKey, type TestAlgorithm } from './signing-key.js'

/** The keys of one issuer over time. */
export interface KeyRing {
  current(): SigningKey
  /** A key with the name of the current one that nobody publishes. */
  stranger(): SigningKey
  published(): JsonWebKeySet
  rotate(overlap: boolean): void
}

export function createKeyRing(alg: TestAlgorithm): KeyRing {
  let count = 1
  let current = createSigningKey(alg, 'key-1')
  let published = [current.jwk]
  let stranger: SigningKey | undefined
  return {
    current: () => current,
    stranger: () => (stranger ??= createSigningKey(alg, `key-${count}`)),
    published: () => ({ keys: [...published] }),
    rotate(overlap) {
      count += 1
      current = createSigningKey(alg, `key-${count}`)
      published = overlap ? [...published, current.jwk] : [current.jwk]
      stranger = undefined
    },
  }
}
