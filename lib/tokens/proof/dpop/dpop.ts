import type { Clock } from '../../../core/clock.js'
import { NOBODY, type Sender } from '../../../core/queue/sender.js'
import { AuthError, invalidToken } from '../../../core/verdicts/errors.js'
import { andThen, type Outcome } from '../../../core/verdicts/outcome.js'
import type { RequestHead } from '../../../http/request/request-head.js'
import { claimed } from '../../../replay/claimed.js'
import type { ProofClaim, ReplayStore } from '../../../replay/store.js'
import { ownClaim, type Claims } from '../../jwt/claims.js'
import { readHeader } from '../../jwt/compact.js'
import { judgeJson } from '../../jwt/strict-json.js'
import type { DpopPolicy } from './dpop-options.js'
import type { Proven } from '../binding/possession.js'
import { judgeProofTarget, proofIdOf, type RequestUri } from './proof-claims.js'
import { ProofKeys, readProofKey, type ProofKey } from './proof-key.js'
import { isSignedProof } from './proof-signature.js'
import { proofOf } from './proof.js'
import { invalidProof } from './refusals.js'
import { normaliseTarget } from './target-uri.js'

export interface DpopRequest {
  readonly token: string
  readonly head: RequestHead
  readonly sender?: Sender
  /** `jkt` of the token. */
  readonly thumbprint: string
}

/** In place of a header that was judged before: keeping what clients write there would cost memory. */
const JUDGED: Readonly<Record<string, unknown>> = Object.freeze({})

/** For how long a proof is good from now on, and the nonce to send along. */
interface Freshness extends Proven {
  readonly ttlSeconds: number
}

/**
 * Judges the proof of a request (RFC 9449 §4.3): whatever costs least first, the signature after all
 * that can be told without it, and last of all the one write that uses the proof up. A proof that is
 * refused for anything else must not be used up: whoever saw it could spend it for its owner.
 */
export function createDpop(
  policy: DpopPolicy,
  { clock, origins }: { clock: Clock; origins: readonly string[] | undefined },
): (request: DpopRequest) => Promise<Proven | AuthError> {
  const keys = new ProofKeys()

  function uriOf(head: RequestHead): RequestUri | AuthError {
    const { target = head.url } = head
    const known = origins ?? originsByProxy(head)
    if (known !== undefined) return { origins: known, path: normaliseTarget(target) }
    const detail =
      'Set "origin" to the public origin of this API; or app.set("trust proxy", ...) with a proxy that sends X-Forwarded-Proto and X-Forwarded-Host, one value each'
    return new AuthError('temporarily_unavailable', { reason: 'origin_unknown', detail })
  }

  return async ({ token, head, sender = NOBODY, thumbprint }) => {
    let known: ProofKey | undefined
    const proof = proofOf(head, (segment) => {
      known = keys.get(segment)
      return known === undefined ? readHeader(segment) : JUDGED
    })
    if (proof instanceof AuthError) return proof
    const key = known ?? readProofKey(proof.jwt.header, policy.algorithms)
    if (key instanceof AuthError) return key
    if (key.thumbprint !== thumbprint) {
      return invalidToken('wrong_key', 'The proof is by another key than the token is bound to')
    }
    const uri = uriOf(head)
    if (uri instanceof AuthError) return uri
    const { claims, payload } = proof.jwt
    const mismatch = judgeProofTarget(claims, { token, head, uri })
    if (mismatch !== undefined) return mismatch
    const proofId = proofIdOf(claims)
    if (proofId === undefined) return invalidProof('malformed_proof', 'The proof has no "jti"')
    const fresh = judgeFreshness(claims, policy, clock())
    if (fresh instanceof AuthError) return fresh
    const signed = await isSignedProof(proof.text, key, sender)
    if (signed instanceof AuthError) return signed
    if (!signed) return invalidProof('bad_proof_signature', 'The signature does not verify')
    if (judgeJson(payload, claims, 'payload') !== undefined) {
      return invalidProof('malformed_proof', 'The claims of the proof have more than one reading')
    }
    if (known === undefined) keys.remember(proof.headerText, key)
    const { ttlSeconds, nonce } = fresh
    const using = useUp(policy, { thumbprint, proofId, ttlMs: ttlSeconds * 1000 }, head)
    return andThen(using, () => ({ nonce }))
  }
}

function originsByProxy({ proxiedOrigin }: RequestHead): readonly string[] | undefined {
  return proxiedOrigin === undefined ? undefined : [proxiedOrigin]
}

/**
 * How far apart the clocks of our own processes may be, where that is more than is tolerated of clients.
 * By one that is behind, a proof is good for longer than by the one that it was used at.
 */
const OWN_CLOCKS_SECONDS = 10

/** By our nonce where there is one: then the clock of the client does not matter (RFC 9449 §11.1). */
function judgeFreshness(
  claims: Claims,
  { nonces, maxAgeSeconds, toleranceSeconds }: DpopPolicy,
  now: number,
): Freshness | AuthError {
  const issuedAt = ownClaim(claims, 'iat')
  if (typeof issuedAt !== 'number') return invalidProof('malformed_proof', 'The proof has no "iat"')
  const margin = Math.max(toleranceSeconds, OWN_CLOCKS_SECONDS) + 1
  if (nonces === undefined) {
    const latest = maxAgeSeconds + toleranceSeconds
    const age = now - issuedAt
    if (age >= -toleranceSeconds && age <= latest) return { ttlSeconds: latest - age + margin }
    return invalidProof('stale_proof', `The proof was made ${Math.round(age)} s ago`)
  }
  const nonce = ownClaim(claims, 'nonce')
  const age = typeof nonce === 'string' ? nonces.ageOf(nonce, now) : undefined
  if (age === undefined) {
    return new AuthError('use_dpop_nonce', { reason: 'nonce_needed', nonce: nonces.issue(now) })
  }
  const isOld = age > maxAgeSeconds / 2
  return { ttlSeconds: maxAgeSeconds - age + margin, nonce: isOld ? nonces.issue(now) : undefined }
}

/** One proof that a request has used up. */
interface Use {
  readonly replay: ReplayStore
  readonly thumbprint: string
  readonly proofId: string
  readonly earlier: Use | undefined
}

/** By which requests proofs were used, and where: several guards may judge one request. */
const usedBy = new WeakMap<object, Use>()

function isUsedBy(request: object, { replay, thumbprint, proofId }: Omit<Use, 'earlier'>): boolean {
  let use = usedBy.get(request)
  while (use !== undefined && use.replay !== replay) use = use.earlier
  return use?.proofId === proofId && use.thumbprint === thumbprint
}

function useUp(
  { replay }: DpopPolicy,
  proof: ProofClaim,
  { request }: RequestHead,
): Outcome<undefined> {
  const use = { replay, thumbprint: proof.thumbprint, proofId: proof.proofId }
  if (request !== undefined && isUsedBy(request, use)) return undefined
  return andThen(claimed(replay, proof), (fresh) => {
    if (!fresh) return invalidProof('replayed_proof', 'The proof was used before')
    if (request !== undefined) usedBy.set(request, { ...use, earlier: usedBy.get(request) })
    return undefined
  })
}
