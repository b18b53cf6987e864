import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { exceedsDepth } from '../../core/json-depth.js'
import { isRecord } from '../../core/values.js'
import { decodeText, isBase64url } from './base64url.js'
import { judgeJson, MAX_DEPTH } from './strict-json.js'

/** A JWS in compact form, taken apart but not verified: nothing in it may be believed yet. */
export interface CompactJwt {
  /** `header.payload`, what the signature covers (RFC 7515 §5.2). */
  readonly signingInput: string
  readonly header: Readonly<Record<string, unknown>>
  /** The payload, parsed. Other parsers may read it otherwise, until `verifySignature` has judged it. */
  readonly claims: Readonly<Record<string, unknown>>
  /** The JSON of the claims. */
  readonly payload: string
  /** In base64url: it is decoded where it is checked, and most that is refused is not. */
  readonly signature: string
}

const BASE64URL = /^[A-Za-z0-9_-]+$/

/**
 * Takes a compact JWS apart (RFC 7515 §7.1), strictly: canonical base64url, valid Unicode, JSON
 * objects. Laxness here is how two parsers come to read two tokens.
 *
 * @param headerOf `readHeader`, where headers are as many as senders. @default remembers some
 */
export function parseCompact(
  token: string,
  headerOf: (segment: string) => JsonObject | AuthError = knownHeaderOf,
): CompactJwt | AuthError {
  const parts = token.split('.', 6)
  const [header, claims, signature] = parts
  if (
    parts.length !== 3 ||
    header === undefined ||
    claims === undefined ||
    signature === undefined
  ) {
    return malformed(notThreeParts(token))
  }
  const knownHeader = headerOf(header)
  if (knownHeader instanceof AuthError) return knownHeader
  const payload = decode(claims, 'payload')
  if (payload instanceof AuthError) return payload
  if (signature === '') return malformed(UNSIGNED)
  if (!isBase64url(signature)) return notBase64url(signature, 'signature')
  const parsed = parseObject(payload, 'payload')
  if (parsed instanceof AuthError) return parsed
  return {
    signingInput: token.slice(0, header.length + 1 + claims.length),
    header: knownHeader,
    claims: parsed,
    payload,
    signature,
  }
}

const UNSIGNED = 'The token is not signed: its signature is empty, as with "alg": "none"'

/** The words that a front end sends in place of a token that it does not have. */
const WORDS_FOR_NOTHING = ['undefined', 'null', 'NaN', 'true', 'false']

function notThreeParts(token: string): string {
  return WORDS_FOR_NOTHING.includes(token)
    ? `The token is the word ${token}: the client has none, and sends the header all the same`
    : 'The token is not a JWT: it does not have three parts. Is it an opaque token?'
}

type JsonObject = Readonly<Record<string, unknown>>

/** Issuers sign with a few headers, so each is parsed once. */
const headers = new Map<string, JsonObject>()
const MAX_HEADERS = 100
const MAX_HEADER_CHARS = 512

function knownHeaderOf(segment: string): JsonObject | AuthError {
  const known = headers.get(segment)
  if (known !== undefined) return known
  const header = readHeader(segment)
  if (header instanceof AuthError) return header
  if (segment.length <= MAX_HEADER_CHARS) {
    if (headers.size >= MAX_HEADERS) headers.clear()
    // A slice would keep the whole token alive; a copy does not.
    headers.set(Buffer.from(segment, 'latin1').toString('latin1'), header)
  }
  return header
}

/** A header, judged and frozen, and not remembered. */
export function readHeader(segment: string): JsonObject | AuthError {
  const json = decode(segment, 'header')
  if (json instanceof AuthError) return json
  const header = parseObject(json, 'header')
  if (header instanceof AuthError) return header
  return judgeJson(json, Object.freeze(header), 'header') ?? header
}

function decode(segment: string, part: string): string | AuthError {
  const text = decodeText(segment)
  if (text === undefined) return malformed(`The token's ${part} is not JSON in UTF-8`)
  if (text === '') return notBase64url(segment, part)
  return text
}

function parseObject(json: string, part: string): JsonObject | AuthError {
  // Whatever walks the claims later, like `JSON.stringify`, recurses.
  if (exceedsDepth(json, MAX_DEPTH)) {
    return malformed(`The token's ${part} is nested deeper than ${MAX_DEPTH} levels`)
  }
  const value = parseJson(json)
  if (value === undefined) return malformed(`The token's ${part} is not JSON in UTF-8`)
  if (!isRecord(value)) return malformed(`The token's ${part} is not a JSON object`)
  return value
}

/** JSON has no undefined: it stands for what is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function notBase64url(segment: string, part: string): AuthError {
  const fault = BASE64URL.test(segment) ? 'canonical base64url' : 'base64url'
  return malformed(`The token's ${part} is not ${fault}`)
}

function malformed(detail: string): AuthError {
  return invalidToken('malformed_token', detail)
}
