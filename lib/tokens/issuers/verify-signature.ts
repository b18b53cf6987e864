import { AuthError, invalidToken, workDenied } from '../../core/verdicts/errors.js'
import { andThen, attempt, type Outcome } from '../../core/verdicts/outcome.js'
import { NOBODY, type Sender } from '../../core/queue/sender.js'
import { KeyCompromised } from '../../keys/jwk/compromised.js'
import { KeysUnavailable, RefetchOverBudget, WorkDenied } from '../../keys/key-source.js'
import { KeyIgnored } from '../../keys/key-set.js'
import { keysToTry } from '../../keys/keys-to-try.js'
import { isPinnedAway, maySignFor, type VerificationKey } from '../../keys/jwk/verification-key.js'
import type { CompactJwt } from '../jwt/compact.js'
import type { SignatureHeader } from '../jwt/header.js'
import type { IssuerPolicy } from './policy/policy.js'
import { unverifiableHint } from './presets/hints.js'
import { verifySignature } from '../jwt/signature.js'

type Keys = readonly VerificationKey[]

/**
 * Verifies a token by the keys of its issuer, fetched where that is needed.
 *
 * @param throttled A key that is not there must not cost a refetch. @default false
 * @param sender Who waits for the answer, since when. @default nobody in particular
 * @returns the key that verified, or the refusal, of either family.
 */
export function verifyByIssuer(
  jwt: CompactJwt,
  header: SignatureHeader,
  policy: IssuerPolicy,
  issuer: string,
  throttled = false,
  sender: Sender = NOBODY,
): Outcome<VerificationKey> {
  const { algorithm, keyId } = header
  const { arrivedAt } = sender
  const verify = (found: Keys): Outcome<VerificationKey> => {
    const keys = signingFor(issuer, found, policy)
    if (keys.length === 0) return unknownKey(issuer, found)
    const first = keyId === undefined ? keysToTry(keys, algorithm) : keys
    const tryKeys = (some: Keys): Promise<VerificationKey | AuthError> =>
      verifySignature(jwt, algorithm, some, sender, unverifiableHint)
    const verifying = tryKeys(first.length === 0 ? keys : first)
    if (keyId !== undefined && !keys.some((key) => isPinnedAway(key, algorithm))) return verifying
    // Nothing but a failure tells of a rotation, of a change to another algorithm, or of a ninth key.
    return verifying.then(async (outcome) => {
      if (!(outcome instanceof AuthError) || outcome.family === 'dependency') return outcome
      const tried = first.filter((key) => !isPinnedAway(key, algorithm))
      const fits = (key: VerificationKey): boolean =>
        (keyId === undefined || key.keyId === keyId) &&
        key.published.has(algorithm) &&
        !tried.includes(key)
      const others = await attempt(
        () => policy.keys.refetch(fits, throttled, arrivedAt),
        refusalFor,
      )
      if (others instanceof AuthError) return others
      const fitting = signingFor(issuer, others, policy)
      return fitting.length === 0 ? outcome : tryKeys(fitting)
    })
  }
  const found: Outcome<Keys> = attempt(
    (): Keys | Promise<Keys> => policy.keys.find(keyId, throttled, arrivedAt),
    refusalFor,
  )
  return andThen(found, verify)
}

/** Whether what `key` has verified still counts, by what is known: no key is fetched to tell. */
export function judgeKey({ keys }: IssuerPolicy, key: VerificationKey): AuthError | undefined {
  if (keys.holds(key)) return undefined
  if (keys.generation() === 0) return keysUnavailable(new Error(NO_KEYS), 1)
  const found = attempt((): unknown => keys.find(key.keyId, true), refusalFor)
  if (found instanceof AuthError && found.code !== 'too_many_requests') return found
  return invalidToken('unknown_key', 'The issuer has withdrawn the key that signed the token')
}

const NO_KEYS = 'The keys of the issuer are too old to serve, or their guard was closed'

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
function refusalFor(error: unknown): AuthError {
  if (error instanceof WorkDenied) return workDenied('a refetch of keys')
  if (error instanceof KeyCompromised) return invalidToken('compromised_key', error.message)
  if (error instanceof KeyIgnored) return keysUnavailable(error, IGNORED_RETRY_SECONDS)
  if (!(error instanceof KeysUnavailable)) throw error
  const reason = error instanceof RefetchOverBudget ? 'unknown_key' : 'keys_unavailable'
  return keysUnavailable(error, error.retryAfterSeconds, reason)
}

/** The issuer must mend its set first, or we must be updated. */
const IGNORED_RETRY_SECONDS = 60

function keysUnavailable(
  cause: Error,
  retryAfterSeconds: number,
  reason: AuthError['reason'] = 'keys_unavailable',
): AuthError {
  const { message: detail } = cause
  return new AuthError('temporarily_unavailable', { reason, detail, retryAfterSeconds, cause })
}
