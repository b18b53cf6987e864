import { invalidToken, type AuthError } from '../../core/verdicts/errors.js'
import { countMembers } from '../../core/json-depth.js'

/** Levels of lists and objects: far more than any issuer nests. */
export const MAX_DEPTH = 64

/**
 * Refuses JSON that others may read otherwise than we do (RFC 7493 §2): names that occur twice, halves
 * of surrogate pairs.
 *
 * @param value What the text was parsed to.
 * @returns the refusal, or undefined where there is one reading only.
 */
export function judgeJson(json: string, value: object, part: string): AuthError | undefined {
  if (countMembers(Buffer.from(json)) !== Object.keys(value).length) {
    return malformed(`The token's ${part} has duplicate names`)
  }
  if (json.includes('\\u') && hasLoneSurrogate(json)) {
    return malformed(`The token's ${part} has half of a surrogate pair`)
  }
  return undefined
}

/**
 * True where an escape names half of a surrogate pair (RFC 7493 §2.1). JavaScript holds that string, but
 * UTF-8 cannot: on its way to a database or a hash it becomes the same string as many others, and two
 * subjects become one.
 */
function hasLoneSurrogate(json: string): boolean {
  const unescaped = json.replace(/\\(?:u([\dA-Fa-f]{4})|.)/g, (_escape, unit?: string) =>
    unit === undefined ? ' ' : String.fromCharCode(Number.parseInt(unit, 16)),
  )
  return /\p{Surrogate}/u.test(unescaped)
}

function malformed(detail: string): AuthError {
  return invalidToken('malformed_token', detail)
}
