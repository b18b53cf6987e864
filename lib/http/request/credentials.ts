import type { IncomingMessage } from 'node:http'
import type { OptionCheck } from '../../core/options/option-check.js'
import type { AuthScheme } from '../../core/auth/scheme.js'
import { AuthError, type AuthErrorReason } from '../../core/verdicts/errors.js'

/** RFC 9110 §5.6.2 `token`: what an auth-scheme is made of. */
const SCHEME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** RFC 6750 §2.1 `b64token`. The two classes are disjoint, so a match is linear in the input. */
export const B64TOKEN: RegExp = /^[A-Za-z0-9\-._~+/]+=*$/

const AUTHORIZATION = 'authorization'

/** Tokens of 7 kB are seen in the field; Node itself stops at 16 KiB for all headers together. */
const MAX_TOKEN_CHARS = 12_288

/** Checks the option `maxTokenChars`. */
export function maxTokenCharsOf(check: OptionCheck, option: number | undefined): number {
  return check.number('maxTokenChars', option, {
    fallback: MAX_TOKEN_CHARS,
    min: 1024,
    max: 131_072,
    integer: true,
  })
}

/**
 * The one `Authorization` header of a request, undefined where there is none or it is empty. Several
 * are refused. Tokens in the query or the body are never read (OAuth 2.1 §5.1).
 */
export function authorizationHeader(req: IncomingMessage): string | undefined | AuthError {
  const { rawHeaders } = req as Partial<IncomingMessage>
  const value: unknown = req.headers.authorization
  if (rawHeaders === undefined || (value !== undefined && typeof value !== 'string')) {
    return madeAuthorization(value)
  }
  if (hasSeveralAuthorizationLines(rawHeaders)) return severalLines()
  return value === '' ? undefined : value
}

/** Of a request that Node's parser did not make: a test, or an adapter of another server. It may be anything. */
function madeAuthorization(value: unknown): string | undefined | AuthError {
  const lines: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (lines.length > 1) return severalLines()
  const [line = ''] = lines
  if (typeof line === 'string') return joinedAuthorization(line)
  return malformed('malformed_authorization', 'The Authorization header is not a string')
}

function severalLines(): AuthError {
  return malformed('duplicate_authorization', 'The request has several Authorization lines')
}

/** A comma that ends one credential, where another scheme with something behind it follows. */
const ANOTHER_CREDENTIAL = /, *[!#$%&'*+\-.^_`|~0-9A-Za-z]+ +[^ ]/

/** The same for hosts that join several lines into one. */
export function joinedAuthorization(value: string): string | undefined | AuthError {
  if (ANOTHER_CREDENTIAL.test(value)) {
    return malformed('duplicate_authorization', 'The request has several credentials')
  }
  return value === '' ? undefined : value
}

/** The scheme of a credential, as far as more than `Bearer` is taken. Case does not matter (RFC 9110 §11.1). */
export function schemeOf(authorization: string, takesDpop: boolean): AuthScheme {
  return takesDpop && /^dpop(?: |$)/i.test(authorization) ? 'DPoP' : 'Bearer'
}

/**
 * The token of one scheme in the value of an `Authorization` header (RFC 6750 §2.1). A three-part token
 * skips the alphabet check: JWT parsing refuses bad characters, and `judgeToken68` is run only to
 * choose between 400 and 401.
 *
 * @param maxChars Of the token. @default 12288
 * @returns the refusal: `no_credential` for another scheme, `invalid_request` for what is malformed.
 */
export function tokenOf(
  authorization: string,
  expected: AuthScheme = 'Bearer',
  maxChars: number = MAX_TOKEN_CHARS,
): string | AuthError {
  const space = authorization.indexOf(' ')
  const scheme = space === -1 ? authorization : authorization.slice(0, space)
  if (scheme.toLowerCase() !== expected.toLowerCase()) {
    if (SCHEME.test(scheme)) return noCredential('unsupported_scheme', explainScheme(scheme))
    return malformed('malformed_authorization', 'Authorization does not begin with a scheme')
  }
  const token = space === -1 ? '' : withoutLeadingSpaces(authorization, space)
  if (token === '') return malformed('malformed_authorization', `No token follows "${expected}"`)
  if (token.length > maxChars) return tooLarge(maxChars)
  return hasThreeParts(token) ? token : (judgeToken68(token) ?? token)
}

/** Looks at each character of a token. */
export function judgeToken68(token: string): AuthError | undefined {
  if (B64TOKEN.test(token)) return undefined
  const hint = HINTS.find(([form]) => form.test(token))?.[1] ?? ''
  return malformed('malformed_authorization', `What follows the scheme is not a token68${hint}`)
}

/** How clients come to send what is no token. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^bearer(?: |$)/i, ': the word "Bearer" comes twice'],
  [/^["']/, ': it stands in quotes'],
  [/^(?:[$<%]|\{\{)/, ': it is a placeholder that nobody has filled in'],
  [/^\{/, ': it is JSON. Send the access_token in it'],
  [/^\[object /, ': it is an object made a string. Send the access_token in it'],
]

/** 400 and not 401: another login brings a token of the same size. */
export function tooLarge(maxChars: number): AuthError {
  const detail = `The token is longer than ${maxChars} characters. Let the issuer send fewer claims, or raise "maxTokenChars" (and maxHeaderSize of Node)`
  return malformed('token_too_large', detail)
}

export function noCredential(reason: AuthErrorReason, detail?: string): AuthError {
  return new AuthError('no_credential', detail === undefined ? { reason } : { reason, detail })
}

/** Only these are named: where a client forgets "Bearer", what looks like a scheme is the token. */
const KNOWN_SCHEMES = ['Basic', 'Digest', 'DPoP', 'JWT', 'Negotiate', 'Token']

function explainScheme(scheme: string): string {
  const known = KNOWN_SCHEMES.find((name) => name.toLowerCase() === scheme.toLowerCase())
  return known === undefined
    ? 'The Authorization header has another scheme than Bearer, or the token stands there without one'
    : `The Authorization header has the scheme ${known}, which is not read here`
}

/**
 * Node drops every Authorization line but the first, so that `req.headers` looks innocent while a
 * proxy in front may have judged the second. Only the raw headers show it (RFC 9110 §5.3, §11.6.2).
 */
function hasSeveralAuthorizationLines(rawHeaders: readonly string[]): boolean {
  let found = false
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!
    if (name.length !== AUTHORIZATION.length || name.toLowerCase() !== AUTHORIZATION) continue
    if (found) return true
    found = true
  }
  return false
}

function hasThreeParts(token: string): boolean {
  const second = token.indexOf('.', token.indexOf('.') + 1)
  return second > 0 && token.indexOf('.', second + 1) === -1
}

/** RFC 9110 §11.4 allows one or more spaces between the scheme and the token. */
function withoutLeadingSpaces(value: string, from: number): string {
  let start = from
  while (value[start] === ' ') start += 1
  return value.slice(start)
}

export function malformed(reason: AuthErrorReason, detail: string): AuthError {
  return new AuthError('invalid_request', { reason, detail })
}
