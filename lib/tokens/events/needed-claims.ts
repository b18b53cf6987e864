import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { stringClaim, stringsClaim, type Claims } from '../jwt/claims.js'

/** @param noun The kind of token. */
export function missingClaim(noun: string, name: string, hint = ''): AuthError {
  return invalidToken('missing_claim', `The ${noun} has no "${name}"${hint}`)
}

/** A text that must be there, and not be empty. */
export function neededText(claims: Claims, name: string, noun: string): string | AuthError {
  const value = stringClaim(claims, name)
  return value === undefined || value === '' ? missingClaim(noun, name) : value
}

/**
 * Refuses a token that is for others.
 *
 * @param share Whether all of `aud` must be among `names`, or one: a name of somebody else is a stranger.
 * @param noun What the names are of.
 */
export function judgeAudience(
  claims: Claims,
  names: readonly string[],
  { share, noun }: { readonly share: 'all' | 'one'; readonly noun: string },
): AuthError | undefined {
  const audience = stringsClaim(claims, 'aud') ?? []
  if (audience instanceof AuthError) return audience
  const isOurs = (item: string): boolean => names.includes(item)
  const isMeant = share === 'one' ? audience.some(isOurs) : audience.every(isOurs)
  if (audience.length > 0 && isMeant) return undefined
  const [expected, got] = [JSON.stringify(names), JSON.stringify(audience)]
  return invalidToken('wrong_audience', `Expected the ${noun} ${expected}, got ${got}`)
}
