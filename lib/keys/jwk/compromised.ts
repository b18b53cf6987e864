import type { JsonWebKey } from 'node:crypto'
import { isRecord } from '../../core/values.js'
import { optionalString, publicKeyOf, type Jwk } from './jwk.js'
import type { VerificationKey } from './verification-key.js'

/** The issuer has published the private half of a key: a key that everybody has proves nothing. */
export class KeyCompromised extends Error {
  override readonly name = 'KeyCompromised'

  constructor(member: string) {
    super(`The JWKS gives away a private key (member "${member}")`)
  }
}

/** Each by the `kid` that tokens name it by; undefined stands for those without. */
export type CompromisedKeys = ReadonlyMap<string | undefined, KeyCompromised>

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/**
 * The private member that a member of a JWKS gives away (RFC 7517 §9.2). Judged by its value, because
 * serializers write what is absent as `null`, as an empty string or as an empty list.
 */
export function privateMemberOf(jwk: Jwk): string | undefined {
  return PRIVATE_MEMBERS.find((name) => Object.hasOwn(jwk, name) && !isAbsent(jwk[name]))
}

function isAbsent(value: unknown): boolean {
  const empty = value === '' || (Array.isArray(value) && value.length === 0)
  return empty || value === undefined || value === null
}

/** Collects the compromised members of one JWKS. */
export class CompromisedMembers {
  readonly #byKeyId = new Map<string | undefined, KeyCompromised>()
  readonly #pairs = new Map<string, KeyCompromised>()

  /** @returns whether `member` is compromised, and was noted. */
  note(member: unknown): boolean {
    const given = isRecord(member) ? privateMemberOf(member) : undefined
    if (!isRecord(member) || given === undefined) return false
    const compromised = new KeyCompromised(given)
    this.#byKeyId.set(
      orUndefined(() => optionalString(member, 'kid')),
      compromised,
    )
    const material = orUndefined(() => publicKeyOf(member).material)
    if (material !== undefined) this.#pairs.set(keyPairOf(material), compromised)
    return true
  }

  /** Removes the same keys under other names. @returns all that are compromised. */
  removeFrom(keys: Map<string, VerificationKey>): CompromisedKeys {
    if (this.#pairs.size === 0) return this.#byKeyId
    for (const [name, { keyId, keyObject }] of keys) {
      const compromised = this.#pairs.get(keyPairOf(keyObject.export({ format: 'jwk' })))
      if (compromised === undefined) continue
      keys.delete(name)
      this.#byKeyId.set(keyId, compromised)
    }
    return this.#byKeyId
  }
}

/** The factors of a modulus give the private key of every exponent. */
function keyPairOf({ kty, crv, x, n = '' }: JsonWebKey): string {
  if (kty !== 'RSA') return `${crv} ${x}`
  return Buffer.from(n, 'base64url')
    .toString('hex')
    .replace(/^(?:00)+/, '')
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
