import type { Clock } from '../../core/clock.js'
import type { OptionCheck } from '../../core/options/option-check.js'
import type { KeySourceContext } from '../issuers/policy/key-source.js'
import type { OneKeySource } from '../issuers/policy/one-key-source.js'
import type { IssuerFields } from '../issuers/policy/options.js'
import type { IssuerPolicy } from '../issuers/policy/policy.js'
import { compileEventIssuer, createEventVerifier, type EventVerifier } from './event-verifier.js'
import { judgeLogoutClaims, type LogoutToken } from './logout-token.js'

/** Whose logout tokens are taken, and what they must satisfy. */
export interface LogoutTokenFields extends Pick<
  IssuerFields,
  | 'issuer'
  | 'discoveryUrl'
  | 'jwksUri'
  | 'jwks'
  | 'secret'
  | 'decryptionKeys'
  | 'clockToleranceSeconds'
  | 'keyCache'
  | 'network'
  | 'fetchKeys'
> {
  /**
   * The client as which you are registered at the issuer, or several of yours. It is not the
   * audience of your access tokens: `aud` of a logout token must hold these and nothing else.
   */
  readonly clientId: string | readonly string[]
  /**
   * What the client is registered with, `id_token_signed_response_alg`: logout tokens are signed
   * like ID tokens. @default ['RS256']; with `secret`: HS256 to HS512
   */
  readonly algorithms?: readonly string[] | undefined
  /** Refuses logout tokens that are not encrypted. Needs `decryptionKeys`. @default false */
  readonly requireEncryption?: boolean | undefined
  /** Oldest acceptable logout token, by `iat`, in seconds, 1 to 86400. @default 600 */
  readonly maxAgeSeconds?: number | undefined
  /** For issuers that send no `exp`, such as Keycloak before 23.0.4 and glewlwyd 2.7: `maxAgeSeconds` is the limit. @default false */
  readonly allowMissingExp?: boolean | undefined
}

export type LogoutTokenOptions = LogoutTokenFields & OneKeySource

export const LOGOUT_TOKEN_OPTION_NAMES: readonly (keyof LogoutTokenOptions)[] = [
  'issuer',
  'clientId',
  'discoveryUrl',
  'jwksUri',
  'jwks',
  'secret',
  'decryptionKeys',
  'algorithms',
  'requireEncryption',
  'clockToleranceSeconds',
  'maxAgeSeconds',
  'allowMissingExp',
  'keyCache',
  'network',
  'fetchKeys',
]

/**
 * The verifier of logout tokens: the engine of all event tokens, with the rules of Back-Channel
 * Logout. Nothing is remembered: a logout token comes once.
 */
export function createLogoutVerifier(
  options: LogoutTokenOptions,
  clock: Clock,
  context: KeySourceContext,
): EventVerifier<LogoutToken> {
  const { check } = context
  const clientIds = check.strings('clientId', options.clientId)
  const maxAgeSeconds = check.number('maxAgeSeconds', options.maxAgeSeconds, {
    fallback: 600,
    min: 1,
    max: 86_400,
  })
  const allowMissingExp = check.boolean('allowMissingExp', options.allowMissingExp, false)
  const policy = compileEventIssuer({ ...options, audience: clientIds }, context)
  const requireEncryption = encryptionRule(check, options, policy)
  const rules = { ...policy, clientIds, maxAgeSeconds, allowMissingExp }
  return createEventVerifier(policy, clock, {
    noun: 'logout token',
    profile: 'logout_token',
    requireEncryption,
    judge: (claims, now) => judgeLogoutClaims(claims, rules, now),
  })
}

function encryptionRule(
  check: OptionCheck,
  options: LogoutTokenOptions,
  { decryptionKeys }: IssuerPolicy,
): boolean {
  const required = check.boolean('requireEncryption', options.requireEncryption, false)
  if (required && decryptionKeys.length === 0) {
    check.refuse('requireEncryption', 'come with "decryptionKeys"', true)
  }
  return required
}
