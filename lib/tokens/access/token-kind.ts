import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { ownClaim, presentClaim, stringClaim, stringsClaim, type Claims } from '../jwt/claims.js'
import type { IssuerPolicy } from '../issuers/policy/policy.js'
import { KIND_CLAIMS } from '../issuers/presets/kinds.js'

/** RFC 9068 §2.1. */
const ACCESS_TOKEN = 'at+jwt'
/** OpenID Connect Core §2, §3.3.2.11: claims that an access token has no use for. */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash']

/**
 * Each kind of token has rules that no other satisfies (RFC 8725 §3.12). A token that its issuer calls an
 * access token may carry what ID tokens have: some products copy the `nonce` of a login into both. A
 * claim alone does not excuse `events`, since a logout token could carry that claim as well.
 *
 * @param type The `typ` of the header, in lower case.
 */
export function judgeKind(
  claims: Claims,
  policy: IssuerPolicy,
  type: string | undefined,
): AuthError | undefined {
  if (type !== ACCESS_TOKEN && presentClaim(claims, 'events') !== undefined) {
    return invalidToken(
      'not_an_access_token',
      'The claim "events" marks a logout or security event token',
    )
  }
  if (policy.profile === 'id_token') return judgeIdToken(claims, policy)
  const foreign = saysAccessToken(claims, type)
    ? undefined
    : ID_TOKEN_CLAIMS.find((name) => presentClaim(claims, name) !== undefined)
  if (foreign !== undefined) {
    return invalidToken(
      'not_an_access_token',
      `The claim "${foreign}" marks an ID token. Let the client send the access token`,
    )
  }
  for (const { claim, id, others } of KIND_CLAIMS) {
    const kind = [...id, ...others].find((value) => ownClaim(claims, claim) === value)
    if (kind === undefined) continue
    return invalidToken('not_an_access_token', `The claim "${claim}" says that it is "${kind}"`)
  }
  return undefined
}

/** Whether the issuer calls it an access token: by the type of RFC 9068 §2.1, or by a claim of its product. */
function saysAccessToken(claims: Claims, type: string | undefined): boolean {
  if (type === ACCESS_TOKEN) return true
  return KIND_CLAIMS.some(({ claim, access }) =>
    access.some((value) => ownClaim(claims, claim) === value),
  )
}

/** Where issuers say which client asked for a token. */
const ASKING_CLIENTS = ['azp', 'client_id', 'cid', 'appid']

/**
 * A holder of an access or refresh token that names us could else present it here as a login. The party
 * that an ID token was issued to must be a client of ours (OpenID Connect Core §3.1.3.7).
 */
function judgeIdToken(claims: Claims, policy: IssuerPolicy): AuthError | undefined {
  for (const { claim, id } of KIND_CLAIMS) {
    const value = presentClaim(claims, claim)
    if (value === undefined || id.some((kind) => value === kind)) continue
    return invalidToken(
      'not_an_id_token',
      `The claim "${claim}" is not "${id.join()}", as in an ID token`,
    )
  }
  const granted = ['scope', 'scp'].find((name) => presentClaim(claims, name) !== undefined)
  if (granted !== undefined) {
    return invalidToken('not_an_id_token', `The claim "${granted}" marks an access token`)
  }
  const accepted: readonly string[] = policy.clientIds ?? policy.audiences ?? []
  let isAskerKnown = false
  for (const name of ASKING_CLIENTS) {
    const party = stringClaim(claims, name)
    if (party instanceof AuthError) return party
    if (party !== undefined && !accepted.includes(party)) return wrongClient(name)
    isAskerKnown ||= party !== undefined
  }
  if (isAskerKnown) return undefined
  const audience = stringsClaim(claims, 'aud') ?? []
  if (audience instanceof AuthError) return audience
  return audience.length > 1
    ? invalidToken('not_an_id_token', 'It is for several audiences, and no "azp" says which asked')
    : undefined
}

function wrongClient(name: string): AuthError {
  return invalidToken(
    'wrong_client',
    `The ID token was issued to a client ("${name}") that is not configured`,
  )
}
