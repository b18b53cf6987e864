import { KeyObject } from 'node:crypto'
import { compactVerify } from 'jose'
import { AuthError } from '../../lib/core/verdicts/errors.js'
import { importKeySet } from '../../lib/keys/key-set.js'
import type { VerificationKey } from '../../lib/keys/jwk/verification-key.js'
import { ownClaim } from '../../lib/tokens/jwt/claims.js'
import { parseCompact, type CompactJwt } from '../../lib/tokens/jwt/compact.js'
import { verifySignature } from '../../lib/tokens/jwt/signature.js'
import { encode } from './forge.js'
import type { SigningKey } from '../../tools/issuer.js'
import { taken } from './policy.js'

/** What both sides of the differential test make of one token and one key. */
export interface Verdicts {
  readonly ours: boolean
  readonly jose: boolean
}

/** The public half of a signing key as a JWKS would bring it, free to verify all that fits its type. */
export function verificationKeyOf(key: SigningKey): VerificationKey {
  const { alg: _alg, ...jwk } = key.jwk
  return importKeySet({ keys: [jwk] }).keys[0]!
}

export async function verdicts(token: string, key: VerificationKey): Promise<Verdicts> {
  // A copy, because a true signature pins the algorithm of the key it is given.
  return { ours: await weAccept(token, { ...key }), jose: await joseAccepts(token, key.keyObject) }
}

/** Signatures are judged over any payload, as the vectors of others have it; a JWT's must be JSON. */
function parse(token: string): CompactJwt {
  const [header = '', payload = '', ...rest] = token.split('.')
  const anyPayload = encode({})
  // In the place of a signature, a payload need only be base64url.
  taken(parseCompact(`${header}.${anyPayload}.${payload}`))
  const jwt = taken(parseCompact([header, anyPayload, ...rest].join('.')))
  return { ...jwt, signingInput: `${header}.${payload}` }
}

async function weAccept(token: string, key: VerificationKey): Promise<boolean> {
  try {
    const jwt = parse(token)
    const outcome = await verifySignature(jwt, String(ownClaim(jwt.header, 'alg')), [key])
    return !(outcome instanceof AuthError)
  } catch (error) {
    // Anything else is a fault of ours, which the test must show.
    if (!(error instanceof AuthError)) throw error
    return false
  }
}

async function joseAccepts(token: string, key: KeyObject): Promise<boolean> {
  try {
    await compactVerify(token, key)
    return true
  } catch {
    return false
  }
}
