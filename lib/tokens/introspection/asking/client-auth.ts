import { isRecord } from '../../../core/values.js'
import type { ClientCertificate } from '../../../net/fetch/bounded-fetch.js'
import type { JsonWebKey } from '../../issuers/policy/options.js'
import { loadOauth } from './oauth.js'

/** What a client adds its credentials to. */
export interface ClientAuthRequest {
  /** The authorization server: `aud` of an assertion. */
  readonly issuer: string
  readonly clientId: string
  /** The form that is posted. */
  readonly parameters: URLSearchParams
  readonly headers: Headers
}

/** How this API says who it is at an introspection endpoint (RFC 7662 §2.1). */
export interface ClientAuth {
  /** Its registered name, `bearer` apart (RFC 7591 §2, `token_endpoint_auth_method`). */
  readonly method: string
  /** Adds the credentials. An error of it is an outage (503), never the fault of a token. */
  authenticate(request: ClientAuthRequest): void | Promise<void>
  /** Shown in the TLS handshake (RFC 8705 §2). */
  readonly certificate?: ClientCertificate
}

/** A value, or a function that brings it from a vault, asked at each call. */
export type Supplied<T> = T | (() => T | Promise<T>)

/**
 * `client_secret_basic`: id and secret in the `Authorization` header, form-encoded first (RFC 6749 §2.3.1).
 *
 * @throws TypeError for an empty secret.
 */
export function clientSecretBasic(secret: Supplied<string>): ClientAuth {
  const supply = supplier('clientSecretBasic', secret)
  return {
    method: 'client_secret_basic',
    async authenticate(request) {
      const { ClientSecretBasic } = await loadOauth()
      await apply(ClientSecretBasic(await supply()), request)
    },
  }
}

/**
 * `client_secret_post`: id and secret in the form (RFC 6749 §2.3.1).
 *
 * @throws TypeError for an empty secret.
 */
export function clientSecretPost(secret: Supplied<string>): ClientAuth {
  const supply = supplier('clientSecretPost', secret)
  return {
    method: 'client_secret_post',
    async authenticate(request) {
      const { ClientSecretPost } = await loadOauth()
      await apply(ClientSecretPost(await supply()), request)
    },
  }
}

/**
 * `private_key_jwt`: an assertion of one minute, signed anew for each call (RFC 7523 §2.2).
 *
 * @param jwk The private key, with `kid` where the issuer knows it by one. An RSA key signs by its
 *   `alg`. @default for RSA without `alg`: RS256
 * @throws TypeError for what is no private JWK.
 */
export function privateKeyJwt(jwk: JsonWebKey): ClientAuth {
  const members: unknown = jwk
  if (!isRecord(members) || typeof members['d'] !== 'string') {
    throw new TypeError('privateKeyJwt: the key must be a private JWK')
  }
  const { kid } = members
  let importing: ReturnType<typeof importKey> | undefined
  return {
    method: 'private_key_jwt',
    async authenticate(request) {
      const { PrivateKeyJwt } = await loadOauth()
      importing ??= importKey(members)
      const key = await importing
      if (key instanceof Uint8Array) throw new TypeError('privateKeyJwt: the key is a secret')
      await apply(PrivateKeyJwt(typeof kid === 'string' ? { key, kid } : { key }), request)
    },
  }
}

/**
 * `tls_client_auth` and `self_signed_tls_client_auth`: a certificate in the TLS handshake. The call goes to
 * the `mtls_endpoint_aliases` of the metadata where they name the endpoint (RFC 8705 §2, §5).
 *
 * @param certificate The certificate and its private key, in PEM.
 * @throws TypeError where one of them is missing.
 */
export function tlsClientAuth(certificate: ClientCertificate): ClientAuth {
  const given: unknown = certificate
  if (!isRecord(given) || [given['cert'], given['key']].some((pem) => !isText(pem))) {
    throw new TypeError('tlsClientAuth: give { cert, key } in PEM')
  }
  const { cert, key } = certificate
  return {
    method: 'tls_client_auth',
    certificate: { cert, key },
    authenticate({ clientId, parameters }) {
      parameters.set('client_id', clientId)
    },
  }
}

/**
 * An access token of our own (RFC 7662 §2.1).
 *
 * @throws TypeError for an empty token.
 */
export function bearer(token: Supplied<string>): ClientAuth {
  const supply = supplier('bearer', token)
  return {
    method: 'bearer',
    async authenticate({ headers }) {
      headers.set('authorization', `Bearer ${await supply()}`)
    },
  }
}

type OauthClientAuth = (
  as: { issuer: string },
  client: { client_id: string },
  body: URLSearchParams,
  headers: Headers,
) => void | Promise<void>

async function apply(auth: OauthClientAuth, request: ClientAuthRequest): Promise<void> {
  const { issuer, clientId, parameters, headers } = request
  await auth({ issuer }, { client_id: clientId }, parameters, headers)
}

/** The complaint never shows what came: it may be half a secret. */
function supplier(factory: string, given: Supplied<string>): () => Promise<string> {
  if (typeof given !== 'function' && !isText(given)) {
    throw new TypeError(`${factory}: give a non-empty string, or a function that brings one`)
  }
  return async () => {
    const value: unknown = typeof given === 'function' ? await given() : given
    if (!isText(value)) throw new TypeError(`${factory}: the function brought no string`)
    return value
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** Loaded late: few apps need it. jose's types must stay out of our declarations. */
async function importKey(
  jwk: Readonly<Record<string, unknown>>,
): ReturnType<typeof import('jose').importJWK> {
  const { importJWK } = await import('jose/key/import')
  return importJWK(jwk, algorithmOf(jwk))
}

const CURVES: Readonly<Record<string, string>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'Ed25519',
}

function algorithmOf({ alg, crv }: Readonly<Record<string, unknown>>): string {
  if (isText(alg)) return alg === 'EdDSA' ? 'Ed25519' : alg
  return (typeof crv === 'string' ? CURVES[crv] : undefined) ?? 'RS256'
}
