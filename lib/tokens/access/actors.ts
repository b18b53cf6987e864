import type { Actor, EarlierActor } from '../../core/auth/auth.js'
import { AuthError } from '../../core/verdicts/errors.js'
import { isRecord } from '../../core/values.js'
import { malformedClaim, presentClaim, stringClaim, type Claims } from '../jwt/claims.js'

/** Longer than any delegation that a person could answer for. */
const MAX_ACTORS = 10

/**
 * Who acts for the subject (RFC 8693 §4.1), and who acted before. `may_act` is for authorization servers
 * alone, and is not read.
 *
 * @returns the refusal for an `act` that cannot be read: without it, an agent would pass for its user.
 */
export function actorOf(claims: Claims, issuer: string): Actor | undefined | AuthError {
  const chain: EarlierActor[] = []
  let act = presentClaim(claims, 'act')
  while (act !== undefined) {
    if (!isRecord(act)) return malformedClaim('act', 'an object')
    if (chain.length === MAX_ACTORS) return malformedClaim('act', `at most ${MAX_ACTORS} deep`)
    const actor = identityIn(act, issuer)
    if (actor instanceof AuthError) return actor
    chain.push(actor)
    act = presentClaim(act, 'act')
  }
  const [current, ...earlier] = chain
  return current && Object.freeze({ ...current, earlier: Object.freeze(earlier) })
}

function identityIn(act: Claims, issuer: string): EarlierActor | AuthError {
  const subject = stringClaim(act, 'sub')
  if (subject instanceof AuthError) return subject
  const clientId = stringClaim(act, 'client_id')
  if (clientId instanceof AuthError) return clientId
  const named = stringClaim(act, 'iss')
  if (named instanceof AuthError) return named
  return Object.freeze({ issuer: named ?? issuer, subject, clientId })
}
