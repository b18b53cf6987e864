import { randomUUID, X509Certificate } from 'node:crypto'
import type { Clock } from '../core/clock.js'
import { sha256 } from '../core/sha256.js'
import type { TestClaims } from './claims.js'
import type { HeaderSetter } from './requests.js'
import { createSigningKey, type JsonObject } from './signing-key.js'

/** What a proof is made for. */
export interface TestProof {
  /** Where the request goes, as your API knows itself: `origin` and path. */
  readonly url: string
  /** @default 'GET' */
  readonly method?: string | undefined
  /** The nonce of the answer before, where the API asks for one. */
  readonly nonce?: string | undefined
  /** Claims that differ from those of a good proof; undefined leaves one out. */
  readonly claims?: JsonObject | undefined
  /** Members of its header, likewise. */
  readonly header?: JsonObject | undefined
}

/** A client with a key of its own: what is bound to that key works with its proofs alone (RFC 9449). */
export interface TestDpopClient {
  /** `cnf` of its tokens. */
  readonly confirmation: { readonly jkt: string }
  /** A good token that is bound to the key, but for these claims. */
  token(claims?: TestClaims): string
  /** The same, opaque. */
  opaqueToken(claims?: TestClaims): string
  /** A new proof for one request with this token. */
  proof(token: string, request: TestProof): string
  /** Adds a good bound token and its proof to a request of supertest. */
  authed<T extends HeaderSetter>(request: T, proof: TestProof, claims?: TestClaims): T
}

export function createDpopClient(
  { token, opaqueToken }: Record<'token' | 'opaqueToken', (claims?: TestClaims) => string>,
  clock: Clock,
): TestDpopClient {
  const key = createSigningKey('ES256', 'none')
  const { crv, kty, x, y } = key.jwk
  const jwk = { crv, kty, x, y }
  const confirmation = { jkt: sha256(JSON.stringify(jwk)) }
  const client: TestDpopClient = {
    confirmation,
    token: (claims) => token({ cnf: confirmation, ...claims }),
    opaqueToken: (claims) => opaqueToken({ cnf: confirmation, token_type: 'DPoP', ...claims }),
    proof(accessToken, { url, method = 'GET', nonce, claims, header }) {
      const target = { htm: method, htu: url, ath: sha256(accessToken), nonce }
      const own = { jti: randomUUID(), iat: Math.floor(clock()), ...target }
      return key.sign({ typ: 'dpop+jwt', kid: undefined, jwk, ...header }, { ...own, ...claims })
    },
    authed(request, proof, claims) {
      const accessToken = client.token(claims)
      request.set('Authorization', `DPoP ${accessToken}`)
      request.set('DPoP', client.proof(accessToken, proof))
      return request
    },
  }
  return client
}

/**
 * `cnf` of a token that is bound to a certificate (RFC 8705 §3.1).
 *
 * @param certificate In PEM or DER.
 */
export function certificateConfirmation(certificate: string | Uint8Array): object {
  return { 'x5t#S256': sha256(new X509Certificate(certificate).raw) }
}
