import { invalidToken, type AuthError } from '../../core/errors.js'

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

const QUOTE = 0x22
const COLON = 0x3a
const BACKSLASH = 0x5c
/** `[` and `{`, and their ends, differ in this bit alone. */
const CURLY = 0x20
const OPENING_BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d

/**
 * Members of the outermost object of a text that is known to be valid JSON: its colons at depth one.
 * Bytes, because all that counts is ASCII, which is no part of any other character in UTF-8, and
 * looking at characters takes twice as long.
 */
function countMembers(json: Uint8Array): number {
  let count = 0
  let depth = 0
  let inString = false
  for (let index = 0; index < json.length; index += 1) {
    const byte = json[index]!
    if (inString) {
      if (byte === BACKSLASH) index += 1
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    else if (byte === COLON) count += depth === 1 ? 1 : 0
    else if ((byte & ~CURLY) === OPENING_BRACKET) depth += 1
    else if ((byte & ~CURLY) === CLOSING_BRACKET) depth -= 1
  }
  return count
}

/**
 * True where an escape names half of a surrogate pair (RFC 7493 §2.1). JavaScript holds such a string,
 * but UTF-8 cannot: on its way to a database or a hash it becomes the same string as many others,
 * and two subjects become one.
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
