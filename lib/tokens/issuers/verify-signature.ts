import { AuthError, invalidToken, tooCostly } from '../../core/errors.js'
import { NOBODY, type Sender } from '../../core/queue/sender.js'
import { KeyCompromised } from '../../keys/compromised.js'
import { KeysUnavailable, RefetchDenied, RefetchOverBudget } from '../../keys/key-source.js'
import { keysToTry } from '../../keys/keys-to-try.js'
import { isPinnedAway, maySignFor, type VerificationKey } from '../../keys/verification-key.js'
import type { CompactJwt } from '../jwt/compact.js'
import type { SignatureHeader } from '../jwt/header.js'
import type { IssuerPolicy } from './policy.js'
import { verifySignature } from '../jwt/signature.js'

type Keys = readonly VerificationKey[]

/**
 * Verifies a token by the keys of its issuer, fetched where that is needed.
 *
 * @param mayRefetch Whether a key that is not there may cost a refetch.
 * @param sender Who waits for the answer, since when. @default nobody in particular
 * @returns the key that verified, or the refusal.
 * @throws AuthError of either family.
 */
export function verifyByIssuer(
  jwt: CompactJwt,
  header: SignatureHeader,
  policy: IssuerPolicy,
  issuer: string,
  mayRefetch = true,
  sender: Sender = NOBODY,
): Promise<VerificationKey | AuthError> {
  const { algorithm, keyId } = header
  const { arrivedAt } = sender
  const verify = (found: Keys): Promise<VerificationKey | AuthError> => {
    const keys = signingFor(issuer, found, policy)
    if (keys.length === 0) throw unknownKey(issuer, found)
    const first = keyId === undefined ? keysToTry(keys, algorithm) : keys
    const verifying = verifySignature(jwt, algorithm, first.length === 0 ? keys : first, sender)
    if (keyId !== undefined && !keys.some((key) => isPinnedAway(key, algorithm))) return verifying
    // Nothing but a failure tells of a rotation, of a change to another algorithm, or of a ninth key.
    return verifying.then(async (outcome) => {
      if (!(outcome instanceof AuthError) || outcome.family === 'dependency') return outcome
      const tried = first.filter((key) => !isPinnedAway(key, algorithm))
      const fits = (key: VerificationKey): boolean =>
        (keyId === undefined || key.keyId === keyId) &&
        key.published.has(algorithm) &&
        !tried.includes(key)
      const others = await keysOf(() => policy.keys.refetch(fits, mayRefetch, arrivedAt))
      const fitting = signingFor(issuer, others, policy)
      return fitting.length === 0 ? outcome : verifySignature(jwt, algorithm, fitting, sender)
    })
  }
  const found = keysOf(() => policy.keys.find(keyId, mayRefetch, arrivedAt))
  return found instanceof Promise ? found.then(verify) : verify(found)
}

function signingFor(issuer: string, keys: Keys, { revocationIssuers }: IssuerPolicy): Keys {
  if (keys.every((key) => key.issuer === undefined)) return keys
  const name = revocationIssuers.get(issuer)
  const names = [...revocationIssuers]
  const spellings = names.filter(([, other]) => other === name).map(([spelling]) => spelling)
  return keys.filter((key) => maySignFor(key, spellings))
}

function unknownKey(issuer: string, [found]: Keys): AuthError {
  const detail =
    found === undefined
      ? 'The issuer has no key of this "kid"'
      : `The key of this "kid" is for the issuer ${found.issuer}, which is no spelling of ${issuer}. If both are one issuer, list both in "issuer"`
  return invalidToken('unknown_key', detail)
}

/** Whether the token was forged, as far as the keys of this generation can tell. */
export function isBadSignature(error: unknown): boolean {
  return error instanceof AuthError && error.reason === 'bad_signature'
}

/** Says what it means for the request that keys cannot be had. */
function keysOf(source: () => Keys | Promise<Keys>): Keys | Promise<Keys> {
  try {
    const keys = source()
    return keys instanceof Promise ? keys.catch(refuseFor) : keys
  } catch (error) {
    return refuseFor(error)
  }
}

function refuseFor(error: unknown): never {
  if (error instanceof RefetchDenied) throw tooCostly('a refetch of keys')
  if (error instanceof KeyCompromised) throw invalidToken('compromised_key', error.message)
  if (!(error instanceof KeysUnavailable)) throw error
  throw new AuthError('temporarily_unavailable', {
    reason: error instanceof RefetchOverBudget ? 'unknown_key' : 'keys_unavailable',
    detail: error.message,
    retryAfterSeconds: error.retryAfterSeconds,
    cause: error,
  })
}
