import { createHash, randomUUID } from 'node:crypto'
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  SignJWT,
  type JWK,
  type JWTPayload,
} from 'jose'

export interface ProofChanges {
  /** Members that are undefined are left out. */
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
}

/** A client with a key of its own, whose proofs are by jose alone. */
export interface DpopClient {
  readonly jwk: JWK
  readonly privateJwk: JWK
  /** `cnf` of a token that is bound to it. */
  readonly confirmation: { readonly jkt: string }
  /** A good proof for a GET of `url` with `token`, but for the changes. */
  proof(token: string, changes?: ProofChanges): Promise<string>
}

export async function createDpopClient({
  url,
  clock,
  alg = 'ES256',
}: {
  readonly url: string
  readonly clock: () => number
  readonly alg?: string
}): Promise<DpopClient> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(publicKey)
  return {
    jwk,
    privateJwk: await exportJWK(privateKey),
    confirmation: { jkt: await calculateJwkThumbprint(jwk) },
    proof(token, { claims = {}, header = {} } = {}) {
      const ath = createHash('sha256').update(token).digest('base64url')
      const iat = Math.floor(clock())
      const all = { jti: randomUUID(), htm: 'GET', htu: url, iat, ath, ...claims }
      const members = JSON.parse(JSON.stringify({ alg, typ: 'dpop+jwt', jwk, ...header })) as object
      return new SignJWT(JSON.parse(JSON.stringify(all)) as JWTPayload)
        .setProtectedHeader({ alg, ...members })
        .sign(privateKey)
    },
  }
}
