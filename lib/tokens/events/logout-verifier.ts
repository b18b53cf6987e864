import type { Clock } from '../../core/clock.js'
import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { NOBODY, type Sender } from '../../core/queue/sender.js'
import type { OptionCheck } from '../../core/options/option-check.js'
import type { KeySource } from '../../keys/key-source.js'
import { stringClaim } from '../jwt/claims.js'
import { compileIssuer } from '../issuers/policy/compile.js'
import { parseCompact, type CompactJwt } from '../jwt/compact.js'
import { decryptToken, isEncrypted, judgeReplicatedClaims } from '../jwt/encrypted.js'
import { judgeHeader } from '../jwt/header.js'
import type { KeySourceContext } from '../issuers/policy/key-source.js'
import type { IssuerOptions } from '../issuers/policy/options.js'
import type { IssuerPolicy } from '../issuers/policy/policy.js'
import { verifyByIssuer } from '../issuers/verify-signature.js'
import { judgeLogoutClaims, type LogoutToken } from './logout-token.js'

/** Whose logout tokens are taken, and what they must satisfy. */
export interface LogoutTokenOptions extends Pick<
  IssuerOptions,
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
  /** For issuers that send no `exp`, such as Keycloak before 23.0.4: `maxAgeSeconds` is the limit. @default false */
  readonly allowMissingExp?: boolean | undefined
}

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

export interface LogoutVerifier {
  /** The refusal is of the dependency family where the keys cannot be had. */
  verify(token: string, sender?: Sender): Promise<LogoutToken | AuthError>
  readonly keys: KeySource
}

/**
 * The verifier of logout tokens, in the order of `createJwtVerifier`: whatever can be judged without
 * a key is judged before one is asked for, so that strangers cost neither network nor signatures.
 * Nothing is remembered: a logout token comes once.
 */
export function createLogoutVerifier(
  options: LogoutTokenOptions,
  clock: Clock,
  context: KeySourceContext,
): LogoutVerifier {
  const { check } = context
  const clientIds = check.strings('clientId', options.clientId)
  const maxAgeSeconds = check.number('maxAgeSeconds', options.maxAgeSeconds, {
    fallback: 600,
    min: 1,
    max: 86_400,
  })
  const allowMissingExp = check.boolean('allowMissingExp', options.allowMissingExp, false)
  // An issuer seldom tries again: its keys have a budget of their own, and none is refused from memory.
  const keyContext = { ...context, remembersRefused: false }
  const policy = compileIssuer(issuerOptions(options, clientIds), keyContext)
  const requireEncryption = encryptionRule(check, options, policy)
  const rules = {
    ...policy,
    profile: 'logout_token',
    clientIds,
    maxAgeSeconds,
    allowMissingExp,
  } as const

  async function open(token: string, sender: Sender): Promise<CompactJwt | AuthError> {
    if (!isEncrypted(token)) {
      if (requireEncryption) return invalidToken('wrong_type', 'The logout token is not encrypted')
      return parseCompact(token)
    }
    const outer = await decryptToken(token, policy.decryptionKeys, sender)
    if (outer instanceof AuthError) return outer
    const jwt = parseCompact(outer.token)
    if (jwt instanceof AuthError) return jwt
    return judgeReplicatedClaims(outer.header, jwt.claims) ?? jwt
  }

  return {
    keys: policy.keys,
    async verify(token, sender = NOBODY) {
      const jwt = await open(token, sender)
      if (jwt instanceof AuthError) return jwt
      const issuer = stringClaim(jwt.claims, 'iss') ?? ''
      if (issuer instanceof AuthError) return issuer
      if (!policy.issuers.includes(issuer)) {
        const expected = policy.issuers.join(' or ')
        return invalidToken(
          'unknown_issuer',
          `Expected issuer ${expected}, got ${issuer || 'none'}`,
        )
      }
      const header = judgeHeader(jwt, rules)
      if (header instanceof AuthError) return header
      const logout = judgeLogoutClaims(jwt.claims, rules, clock())
      if (logout instanceof AuthError) return logout
      const key = await verifyByIssuer(jwt, header, policy, issuer, false, sender)
      return key instanceof AuthError ? key : logout
    },
  }
}

/** An issuer's keys, algorithms and tolerance mean the same here as for access tokens. */
function issuerOptions(options: LogoutTokenOptions, clientIds: readonly string[]): IssuerOptions {
  const algorithms = options.algorithms ?? (options.secret === undefined ? ['RS256'] : undefined)
  return { ...options, audience: clientIds, ...(algorithms === undefined ? {} : { algorithms }) }
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
