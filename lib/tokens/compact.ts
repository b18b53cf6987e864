import { invalidToken } from '../core/errors.js'
import { isRecord } from '../core/values.js'

/** A JWS in compact form, taken apart but not verified: nothing in it may be believed yet. */
export interface CompactJwt {
  /** `header.payload`, what the signature covers (RFC 7515 §5.2). */
  readonly signingInput: string
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly signature: Buffer
}

const BASE64URL = /^[A-Za-z0-9_-]+$/
/** Far more than any issuer nests. */
const MAX_DEPTH = 64
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Takes a compact JWS apart (RFC 7515 §7.1), strictly: canonical base64url, valid Unicode, JSON
 * objects without duplicate names. Laxness here is how two parsers come to read two tokens.
 *
 * @throws AuthError `invalid_token`
 */
export function parseCompact(token: string): CompactJwt {
  const parts = token.split('.', 6)
  const [header, claims, signature] = parts
  if (
    parts.length !== 3 ||
    header === undefined ||
    claims === undefined ||
    signature === undefined
  ) {
    throw malformed('The token is not a JWT: it does not have three parts. Is it an opaque token?')
  }
  return {
    signingInput: token.slice(0, header.length + 1 + claims.length),
    header: parseObject(header, 'header'),
    claims: parseObject(claims, 'payload'),
    signature: decodeBase64url(signature, 'signature'),
  }
}

function parseObject(segment: string, part: string): Readonly<Record<string, unknown>> {
  const bytes = decodeBase64url(segment, part)
  let json: string
  let value: unknown
  try {
    json = utf8.decode(bytes)
    value = JSON.parse(json)
  } catch {
    throw malformed(`The token's ${part} is not JSON in UTF-8`)
  }
  if (!isRecord(value)) throw malformed(`The token's ${part} is not a JSON object`)
  if (countMembers(json) !== Object.keys(value).length) {
    throw malformed(`The token's ${part} has duplicate names`)
  }
  if (json.includes('\\u') && hasLoneSurrogate(json)) {
    throw malformed(`The token's ${part} has half of a surrogate pair`)
  }
  return value
}

/**
 * Decoders ignore the spare bits of the last character, so that several strings mean the same
 * bytes. Only the canonical one is taken: a token must not have a second spelling.
 */
function decodeBase64url(segment: string, part: string): Buffer {
  const bytes = Buffer.from(segment, 'base64url')
  // What comes back unchanged has no character of another alphabet either, so that good segments
  // need no look at each character.
  if (bytes.length > 0 && bytes.toString('base64url') === segment) return bytes
  const fault = BASE64URL.test(segment) ? 'canonical base64url' : 'base64url'
  throw malformed(`The token's ${part} is not ${fault}`)
}

/**
 * Members of the outermost object of a text that is known to be valid JSON: its colons at depth one.
 * Depth is bounded, because whatever walks the claims later, like `JSON.stringify`, recurses.
 */
function countMembers(json: string): number {
  let count = 0
  let depth = 0
  let inString = false
  for (let index = 0; index < json.length; index += 1) {
    const character = json[index]
    if (inString) {
      if (character === '\\') index += 1
      else if (character === '"') inString = false
    } else if (character === '"') inString = true
    else if (character === '{' || character === '[') {
      depth += 1
      if (depth > MAX_DEPTH) throw malformed(`The token is nested deeper than ${MAX_DEPTH} levels`)
    } else if (character === '}' || character === ']') depth -= 1
    else if (character === ':' && depth === 1) count += 1
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

function malformed(detail: string): Error {
  return invalidToken('malformed_token', detail)
}
