import { AuthError, invalidToken, workDenied } from '../../core/verdicts/errors.js'
import { andThen, type Outcome } from '../../core/verdicts/outcome.js'
import type { Sender } from '../../core/queue/sender.js'
import type { IssuerPolicy } from '../issuers/policy/policy.js'
import { stringClaim } from '../jwt/claims.js'
import { parseCompact, type CompactJwt } from '../jwt/compact.js'
import {
  decryptToken,
  isEncrypted,
  isSameKey,
  judgeReplicatedClaims,
  type Decrypted,
  type DecryptionKey,
} from '../jwt/encrypted.js'
import { judgeHeader, type SignatureHeader } from '../jwt/header.js'
import { judgeClaims } from './claim-rules.js'
import type { Credential } from './credential.js'

/** A credential on its way through the steps, and whoever waits for the answer. */
export interface Presented {
  readonly credential: Credential
  readonly credentialText: string
  /** All who sent it meanwhile. */
  readonly sender: Sender
}

/** A token taken apart. Nothing in it may be believed, but the issuer says which keys to try. */
export interface ParsedToken extends Presented {
  readonly jwt: CompactJwt
  readonly issuer: string
  /** What the token came in, where it was encrypted. */
  readonly envelope: Decrypted | undefined
}

/** All that can be known of a token without a key. */
export interface UnverifiedToken extends ParsedToken {
  readonly policy: IssuerPolicy
  readonly header: SignatureHeader
}

/** Takes a token apart: at once, unless it is encrypted. */
export function parseToken(
  presented: Presented,
  decryptionKeys: readonly DecryptionKey[],
): Outcome<ParsedToken> {
  const { credential, sender } = presented
  const { token, throttled = false } = credential
  if (!isEncrypted(token)) return parseSigned(token, presented, undefined)
  if (throttled && decryptionKeys.length > 0) return workDenied('decrypting a token')
  return andThen(decryptToken(token, decryptionKeys, sender), (envelope) =>
    parseSigned(envelope.token, presented, envelope),
  )
}

function parseSigned(
  token: string,
  { credential, credentialText, sender }: Presented,
  envelope: Decrypted | undefined,
): ParsedToken | AuthError {
  const jwt = parseCompact(token)
  if (jwt instanceof AuthError) return jwt
  const issuer = stringClaim(jwt.claims, 'iss') ?? ''
  if (issuer instanceof AuthError) return issuer
  return { credential, credentialText, sender, jwt, issuer, envelope }
}

/** All rules that need no key, so that nothing but a plausible token costs a signature check. */
export function judgeUnverified(
  token: ParsedToken,
  policy: IssuerPolicy,
  now: number,
): UnverifiedToken | AuthError {
  const { credential, credentialText, sender, jwt, issuer, envelope } = token
  const enveloped = envelope && judgeEnvelope(envelope, jwt, policy)
  if (enveloped !== undefined) return enveloped
  const header = judgeHeader(jwt, policy)
  if (header instanceof AuthError) return header
  const refusal = judgeClaims(jwt.claims, policy, now, header.type)
  if (refusal !== undefined) return refusal
  return { credential, credentialText, sender, jwt, issuer, envelope, policy, header }
}

/** One issuer's encryption key must not carry another's tokens. */
function judgeEnvelope(
  envelope: Decrypted,
  jwt: CompactJwt,
  policy: IssuerPolicy,
): AuthError | undefined {
  if (!policy.decryptionKeys.some((key) => isSameKey(key, envelope.key))) {
    return invalidToken('encrypted_token', 'The token is encrypted to the key of another issuer')
  }
  return judgeReplicatedClaims(envelope.header, jwt.claims)
}
