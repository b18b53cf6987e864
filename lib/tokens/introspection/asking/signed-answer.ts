import { AuthError } from '../../../core/verdicts/errors.js'
import type { Sender } from '../../../core/queue/sender.js'
import { isRecord } from '../../../core/values.js'
import { FetchError } from '../../../net/fetch-error.js'
import type { IssuerPolicy } from '../../issuers/policy/policy.js'
import { verifyByIssuer } from '../../issuers/verify-signature.js'
import { ownClaim, stringClaim, stringsClaim, timeClaim, type Claims } from '../../jwt/claims.js'
import { parseCompact } from '../../jwt/compact.js'
import { decryptToken } from '../../jwt/encrypted.js'
import { judgeHeader } from '../../jwt/header.js'
import type { Answer, Question } from './answer.js'

/** An answer is made for the call; an older one may be another's, sent again (RFC 9701 §8.1). */
const MAX_AGE_SECONDS = 60

/**
 * Decrypts an answer that is signed and then encrypted to us (RFC 9701 §5).
 *
 * @throws FetchError where no key of ours opens it, AuthError where there was no time to try.
 */
export async function openSigned(
  jwe: string,
  { decryptionKeys }: IssuerPolicy,
  sender: Sender,
): Promise<string> {
  const opened = await decryptToken(jwe, decryptionKeys, sender)
  if (opened instanceof AuthError) throw unusable(opened, 'The answer could not be decrypted')
  return opened.token
}

/**
 * Verifies a signed answer by the keys of the issuer (RFC 9701 §5). It must be of the issuer, for us, and
 * fresh.
 *
 * @throws FetchError for one that is not, AuthError where the keys cannot be had.
 */
export async function verifySigned(
  text: string,
  { policy, settings, clock, sender }: Question,
): Promise<Answer> {
  const jwt = parseCompact(text)
  if (jwt instanceof AuthError) throw unusable(jwt, 'The answer is no signed JWT')
  const issuer = stringClaim(jwt.claims, 'iss')
  if (typeof issuer !== 'string' || !policy.issuers.includes(issuer)) {
    throw new FetchError('The signed answer is of another issuer')
  }
  ensureAnswer(jwt.claims, settings.clientId, policy.clockToleranceSeconds, clock())
  const { algorithms } = policy
  const header = judgeHeader(jwt, { algorithms, profile: 'token_introspection' })
  if (header instanceof AuthError) throw unusable(header, 'The header of the answer is not allowed')
  const key = await verifyByIssuer(jwt, header, policy, issuer, false, sender)
  if (key instanceof AuthError) throw unusable(key, 'The signature of the answer does not verify')
  const claims = ownClaim(jwt.claims, 'token_introspection')
  const active = isRecord(claims) ? claims['active'] : undefined
  if (!isRecord(claims) || typeof active !== 'boolean') {
    throw new FetchError('The signed answer does not say whether the token is active')
  }
  return { active, claims, key }
}

function ensureAnswer(claims: Claims, clientId: string, tolerance: number, now: number): void {
  const audience = stringsClaim(claims, 'aud')
  if (audience instanceof AuthError || audience?.includes(clientId) !== true) {
    throw new FetchError('The signed answer is not for this client')
  }
  const issuedAt = timeClaim(claims, 'iat')
  const isFresh =
    typeof issuedAt === 'number' &&
    issuedAt <= now + tolerance &&
    now - issuedAt <= MAX_AGE_SECONDS + tolerance
  if (!isFresh) throw new FetchError('The signed answer is too old, or from the future')
}

/** A fault of a token elsewhere is one of the answer here; an outage stays one. */
function unusable(refusal: AuthError, what: string): AuthError | FetchError {
  return refusal.family === 'dependency' ? refusal : new FetchError(`${what} (${refusal.reason})`)
}
