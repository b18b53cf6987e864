import type { OptionCheck } from '../../../core/options/option-check.js'
import { stringClaim, type Claims } from '../../jwt/claims.js'
import type { IssuerPolicy } from './policy.js'

/** Where an issuer puts what the guards go by: names of claims. */
export interface ClaimOptions {
  /**
   * The claim that names a token for revocation, or a function.
   * @default 'jti'; where a token has none, the hash of what was signed
   */
  readonly tokenId?:
    string | ((claims: Readonly<Record<string, unknown>>) => string | undefined) | undefined
  /** The claim that names the login session, for revocation by session. @default 'sid' */
  readonly sessionId?: string | undefined
  /** The first of these that is there. @default 'client_id', else 'azp' */
  readonly clientId?: string | readonly string[] | undefined
  /** The first of these that is there: a list, or words with spaces between. @default 'scope'; outside the strict profile 'scp' where there is none */
  readonly scope?: string | readonly string[] | undefined
  /** All of these, each a name or a path like `realm_access.roles`. @default 'roles' */
  readonly roles?: string | readonly string[] | undefined
  /** All of these, each a name or a path. @default 'permissions' */
  readonly permissions?: string | readonly string[] | undefined
  /** The claim that holds a token's version, for `requireTokenVersion`. @default none */
  readonly version?: string | undefined
}

export const CLAIM_OPTION_NAMES: readonly (keyof ClaimOptions)[] = [
  'tokenId',
  'sessionId',
  'clientId',
  'scope',
  'roles',
  'permissions',
  'version',
]

type ClaimPolicy = Pick<
  IssuerPolicy,
  | 'tokenId'
  | 'sessionIdClaim'
  | 'clientIdClaims'
  | 'scopeClaims'
  | 'rolesClaims'
  | 'permissionsClaims'
  | 'versionClaim'
>

export function compileClaims(
  check: OptionCheck,
  options: ClaimOptions = {},
  profile: IssuerPolicy['profile'],
): ClaimPolicy {
  check.known(options, CLAIM_OPTION_NAMES, { within: 'claims' })

  function one<T>(name: 'sessionId' | 'version', fallback: T): string | T {
    const value = options[name]
    return value === undefined ? fallback : check.string(`claims.${name}`, value)
  }

  function some(
    name: 'clientId' | 'scope' | 'roles' | 'permissions',
    fallback: readonly string[],
  ): readonly string[] {
    const value = options[name]
    return value === undefined ? fallback : check.strings(`claims.${name}`, value)
  }

  return {
    tokenId: tokenIdOf(check, options.tokenId),
    sessionIdClaim: one('sessionId', 'sid'),
    clientIdClaims: some('clientId', ['client_id', 'azp']),
    scopeClaims: some('scope', profile === 'rfc9068' ? ['scope'] : ['scope', 'scp']),
    rolesClaims: some('roles', ['roles']),
    permissionsClaims: some('permissions', ['permissions']),
    versionClaim: one('version', undefined),
  }
}

function tokenIdOf(check: OptionCheck, option: ClaimOptions['tokenId']): IssuerPolicy['tokenId'] {
  if (typeof option === 'function') return option
  const name = option === undefined ? 'jti' : check.string('claims.tokenId', option)
  return (claims: Claims) => stringClaim(claims, name)
}
