import type { KeyObject } from 'node:crypto'
import type { Auth } from '../../../core/auth/auth.js'
import { optionsWithin } from '../../../core/options/option-check.js'
import type { FetchKeys, KeyRequest } from '../../../keys/documents/documents.js'
import { NETWORK_OPTION_NAMES, type NetworkOptions } from '../../../net/network/network-options.js'
import type { TokenProfile } from '../../jwt/header.js'
import { CLAIM_OPTION_NAMES, type ClaimOptions } from './claim-options.js'
import type { OneKeySource } from './one-key-source.js'
import type { ExpectedValue } from './policy.js'

/** A key as JSON (RFC 7517 §4). Declared here, because the types of Node move theirs between majors. */
export type JsonWebKey = { readonly kty?: string | undefined } | Readonly<Record<string, unknown>>

/** A JWKS as JSON (RFC 7517 §5). */
export interface JsonWebKeySet {
  readonly keys: readonly JsonWebKey[]
}

/** One issuer, one source of its keys, and what its access tokens must satisfy. */
export type IssuerOptions = IssuerFields & OneKeySource

/** All that may be said of one issuer, for code that puts it together. */
export interface IssuerFields {
  /**
   * The issuer's identifier, compared exactly with `iss`: a trailing slash counts. A list holds
   * spellings of one issuer; several issuers of one set of keys are a list of these lists.
   *
   * Spellings share their revocations under the first of them. Lists need `discoveryUrl`, `jwksUri`,
   * `jwks` or `secret`.
   */
  readonly issuer: string | readonly string[] | readonly (readonly string[])[]
  /**
   * Names of this API; at least one must be in `aud`. `false` only for issuers whose
   * access tokens carry no `aud`, and together with `clientId`, or with `expectedClaims`: then a token
   * that does name an audience is refused.
   */
  readonly audience: string | readonly string[] | false
  /**
   * How `audience` is compared with `aud`: `exact` by every character; `uri` without regard to case in
   * scheme and host, as MCP wants of its servers. @default 'exact'
   */
  readonly audienceMatch?: 'exact' | 'uri' | undefined
  /** Clients whose tokens are accepted, by `client_id`, else `azp`. @default any client */
  readonly clientId?: string | readonly string[] | undefined
  /** Where the issuer's metadata is. @default by `issuer`: RFC 8414, then OpenID Connect Discovery */
  readonly discoveryUrl?: string | URL | undefined
  /** Where the issuer's keys are. Skips discovery. */
  readonly jwksUri?: string | URL | undefined
  /**
   * The issuer's keys. Nothing is fetched, and they never change. Or a function that returns them, as a
   * value or as JSON text, and is asked again as a `jwksUri` would be: by `keyCache`, for a rotation as
   * well. An error of it is an outage (503).
   */
  readonly jwks?:
    | JsonWebKeySet
    | ((request: KeyRequest) => JsonWebKeySet | string | Promise<JsonWebKeySet | string>)
    | undefined
  /** A shared secret of at least 32 bytes, for HS256 to HS512. Never together with public keys. */
  readonly secret?: KeyObject | Uint8Array | undefined
  /**
   * Our private keys, RSA or EC, for tokens that are signed and then encrypted to us (RFC 7519 §7.2):
   * RSA-OAEP-256 and ECDH-ES with A128/A256 GCM or CBC-HS. Plain signed tokens are accepted as well.
   */
  readonly decryptionKeys?: readonly JsonWebKey[] | undefined
  /** Algorithms of signatures that are accepted. `EdDSA` allows `Ed25519` as well. @default RS, PS and ES 256 to 512, EdDSA, Ed25519; with `secret`: HS256 to HS512 */
  readonly algorithms?: readonly string[] | undefined
  /**
   * `rfc9068` wants `typ: at+jwt` and all of that profile's claims. `lenient` takes `JWT` or no type
   * as well, as most issuers send. `id_token` takes ID tokens, for issuers whose access tokens are
   * opaque.
   *
   * A client that `azp` of an ID token names must be in `clientId`, or in `audience` where there is none. @default 'lenient'
   */
  readonly profile?: TokenProfile | undefined
  /** Leeway for `exp`, `nbf` and `iat`, in seconds, 0 to 60. @default 5 */
  readonly clockToleranceSeconds?: number | undefined
  /** Oldest acceptable token, by `iat`, in seconds. @default no limit but `exp` */
  readonly maxAgeSeconds?: number | undefined
  /** Claims that must be there besides `iss`, `aud` and `exp`. */
  readonly requiredClaims?: readonly string[] | undefined
  /** Claims that must have this value, or one of these; of a claim that is a list, one item must. */
  readonly expectedClaims?:
    Readonly<Record<string, ExpectedValue | readonly ExpectedValue[]>> | undefined
  /** Where the issuer puts client, session, scopes and the like. @default see `claims` below */
  readonly claims?: ClaimOptions | undefined
  /** What a scope implies: `{ repo: ['repo:status'] }`. Applied transitively. */
  readonly scopeImplies?: Readonly<Record<string, readonly string[]>> | undefined
  /**
   * Your own rule over a verified token: throw, or return false, to refuse it (401); true and nothing
   * let it pass. Throw `new AuthError('temporarily_unavailable', ...)` where you cannot know.
   */
  readonly validate?: ((auth: Auth) => boolean | void | Promise<boolean | void>) | undefined
  /** How long keys are kept, and how often they are asked for. @default see `keyCache` below */
  readonly keyCache?: KeyCacheOptions | undefined
  /** How the issuer's servers are reached: CA, headers, proxy, hosts inside. @default see `network` below */
  readonly network?: NetworkOptions | undefined
  /**
   * Fetches metadata and keys of this issuer your own way, and returns a document as a value or as JSON
   * text. An error, or an answer after the deadline, is an outage (503).
   *
   * It is asked for the metadata, unless `jwksUri` is given, then for the JWKS. Redirects and addresses are up to it. Never together with `jwks` or `secret`.
   */
  readonly fetchKeys?: FetchKeys | undefined
}

export interface KeyCacheOptions {
  /** Lifetime of fetched keys, in seconds. @default by `Cache-Control`, 1 minute to 24 hours; else 600 */
  readonly ttlSeconds?: number | undefined
  /** How long after its lifetime a set is served while the issuer is down, in seconds. @default 3600 */
  readonly maxStaleSeconds?: number | undefined
  /** Refetches for unknown `kid`s that may happen at once. @default 5 */
  readonly refetchBurst?: number | undefined
  /** One more refetch is allowed each so many seconds. @default 30 */
  readonly refetchIntervalSeconds?: number | undefined
  /**
   * Deadline of a whole refresh, discovery included, in milliseconds. All that a request waits for has
   * 2.5 seconds in all, or this where it is longer. @default 2500
   */
  readonly timeoutMs?: number | undefined
  /** Cap on each document, in bytes after decompression. @default 524288 */
  readonly maxBytes?: number | undefined
}

export const ISSUER_OPTION_NAMES: readonly (keyof IssuerFields)[] = [
  'issuer',
  'audience',
  'audienceMatch',
  'clientId',
  'discoveryUrl',
  'jwksUri',
  'jwks',
  'secret',
  'decryptionKeys',
  'algorithms',
  'profile',
  'clockToleranceSeconds',
  'maxAgeSeconds',
  'requiredClaims',
  'expectedClaims',
  'claims',
  'scopeImplies',
  'validate',
  'keyCache',
  'network',
  'fetchKeys',
]

/** For `OptionCheck.known`. */
export const KNOWN_ISSUER_OPTIONS: readonly string[] = [
  ...ISSUER_OPTION_NAMES,
  ...optionsWithin('claims', CLAIM_OPTION_NAMES),
  ...optionsWithin('network', NETWORK_OPTION_NAMES),
]
