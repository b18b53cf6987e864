import type { JsonWebKey, KeyObject } from 'node:crypto'
import { AuthError } from '../../../core/verdicts/errors.js'
import { attempt } from '../../../core/verdicts/outcome.js'
import { isRecord, messageOf } from '../../../core/values.js'
import { sha256 } from '../../../core/sha256.js'
import { importJwk, readJwk } from '../../../keys/jwk/jwk.js'
import { ownClaim } from '../../jwt/claims.js'
import { invalidProof } from './refusals.js'

type JoseHeader = Readonly<Record<string, unknown>>

/** What the header of a proof says. A client sends the same one with each request. */
export interface ProofKey {
  readonly algorithm: string
  readonly keyObject: KeyObject
  /** RFC 7638, by SHA-256. */
  readonly thumbprint: string
}

/** RFC 7518 §6, RFC 8037 §2: a client that sends these gives its key away. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** Reads the header of a proof (RFC 9449 §4.2, §4.3). The key in it is one that anybody may have made. */
export function readProofKey(
  header: JoseHeader,
  algorithms: ReadonlySet<string>,
): ProofKey | AuthError {
  if (ownClaim(header, 'typ') !== 'dpop+jwt') return malformed('its "typ" is not dpop+jwt')
  const algorithm = ownClaim(header, 'alg')
  if (typeof algorithm !== 'string' || !algorithms.has(algorithm)) {
    return malformed('its "alg" is not one of "dpop.algorithms"')
  }
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) {
    return malformed('its header demands an extension')
  }
  const jwk = ownClaim(header, 'jwk')
  if (!isRecord(jwk)) return malformed('its header has no "jwk"')
  if (PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name))) {
    return malformed('its "jwk" has private members. That key is no secret any more')
  }
  return attempt(
    () => keyOf(jwk, algorithm),
    (error) => malformed(`its "jwk" is unusable: ${messageOf(error)}`),
  )
}

function keyOf(jwk: JoseHeader, algorithm: string): ProofKey | AuthError {
  const usable = readJwk(jwk)
  if (!usable.algorithms.has(algorithm)) return malformed('its "alg" does not fit its "jwk"')
  const { keyObject } = importJwk(usable)
  return { algorithm, keyObject, thumbprint: thumbprintOf(usable.material) }
}

/** RFC 7638 §3: the required members, in the order of their names. */
function thumbprintOf({ crv, e, kty, n, x, y }: JsonWebKey): string {
  return sha256(JSON.stringify({ crv, e, kty, n, x, y }))
}

function malformed(why: string): AuthError {
  return invalidProof('malformed_proof', `The proof is refused: ${why}`)
}

const MAX_KEYS = 1000
/** That of an RSA key of 4096 bits takes two thirds of it; a longer one brings something else along. */
const MAX_HEADER_CHARS = 1500

/** Keys of clients whose proofs have verified: reading one costs more than all else but its signature. */
export class ProofKeys {
  readonly #byHeader = new Map<string, ProofKey>()

  get(header: string): ProofKey | undefined {
    return this.#byHeader.get(header)
  }

  remember(header: string, key: ProofKey): void {
    if (header.length > MAX_HEADER_CHARS || this.#byHeader.has(header)) return
    if (this.#byHeader.size >= MAX_KEYS) {
      const [oldest = ''] = this.#byHeader.keys()
      this.#byHeader.delete(oldest)
    }
    // A slice would keep the whole proof alive; a copy does not.
    this.#byHeader.set(Buffer.from(header, 'latin1').toString('latin1'), key)
  }
}
