import type { Auth } from '../../../core/auth/auth.js'
import type { AuthError } from '../../../core/verdicts/errors.js'
import type { KeySource } from '../../../keys/key-source.js'
import type { DiscoveryTarget } from '../../../keys/documents/metadata.js'
import type { Network } from '../../../net/network/network.js'
import type { Claims } from '../../jwt/claims.js'
import type { DecryptionKey } from '../../jwt/encrypted.js'
import type { IssuerNames } from './names.js'
import type { TokenProfile } from '../../jwt/header.js'

/** What a claim may be expected to be. */
export type ExpectedValue = string | boolean

/** What one issuer's tokens must satisfy, and how they are read: its options, checked and compiled. */
export interface IssuerPolicy {
  /** Accepted values of `iss`; the first one names the issuer in events. */
  readonly issuers: readonly string[]
  /** For each of them the name that revocations know it by. */
  readonly revocationIssuers: IssuerNames
  /** At least one must be in `aud`; undefined where `clientIds` stand in for it. */
  readonly audiences: readonly string[] | undefined
  readonly audienceMatch: 'exact' | 'uri'
  readonly clientIds: readonly string[] | undefined
  readonly algorithms: ReadonlySet<string>
  readonly profile: TokenProfile
  readonly clockToleranceSeconds: number
  readonly maxAgeSeconds: number | undefined
  readonly requiredClaims: readonly string[]
  readonly expectedClaims: ReadonlyMap<string, readonly ExpectedValue[]>
  /** May be a function of the app, which may throw. */
  readonly tokenId: (claims: Claims) => string | undefined | AuthError
  readonly clientIdClaims: readonly string[]
  readonly sessionIdClaim: string
  readonly scopeClaims: readonly string[]
  readonly rolesClaims: readonly string[]
  readonly permissionsClaims: readonly string[]
  readonly versionClaim: string | undefined
  readonly scopeImplies: ReadonlyMap<string, readonly string[]>
  readonly validate: ((auth: Auth) => unknown) | undefined
  readonly keys: KeySource
  /** How its servers are reached. */
  readonly network: Network
  /** Where the issuer's metadata is; undefined where its name leads to none. */
  readonly metadata: DiscoveryTarget | undefined
  readonly decryptionKeys: readonly DecryptionKey[]
}
