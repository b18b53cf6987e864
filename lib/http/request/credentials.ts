import type { IncomingMessage } from 'node:http'
import type { AuthScheme } from '../../core/scheme.js'
import { AuthError, invalidToken, type AuthErrorReason } from '../../core/verdicts/errors.js'

/** RFC 9110 §5.6.2 `token`: what an auth-scheme is made of. */
const SCHEME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** RFC 6750 §2.1 `b64token`. The two classes are disjoint, so a match is linear in the input. */
export const B64TOKEN: RegExp = /^[A-Za-z0-9\-._~+/]+=*$/

const AUTHORIZATION = 'authorization'

/** Tokens of 7 kB are seen in the field; Node itself stops at 16 KiB for all headers together. */
export const MAX_TOKEN_CHARS = 12_288

/**
 * The one `Authorization` header of a request, undefined where there is none or it is empty. Several
 * are refused. Tokens in the query or the body are never read (OAuth 2.1 §5.1).
 */
export function authorizationHeader(req: IncomingMessage): string | undefined | AuthError {
  if (hasSeveralAuthorizationLines(req.rawHeaders)) {
    return malformed('duplicate_authorization', 'The request has several Authorization lines')
  }
  const value = req.headers.authorization
  return value === '' ? undefined : value
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
 * @returns the refusal: `no_credential` for another scheme, `invalid_request` for what is malformed.
 */
export function tokenOf(
  authorization: string,
  expected: AuthScheme = 'Bearer',
): string | AuthError {
  const space = authorization.indexOf(' ')
  const scheme = space === -1 ? authorization : authorization.slice(0, space)
  if (scheme.toLowerCase() !== expected.toLowerCase()) {
    if (SCHEME.test(scheme)) return noCredential('unsupported_scheme')
    return malformed('malformed_authorization', 'Authorization does not begin with a scheme')
  }
  const token = space === -1 ? '' : withoutLeadingSpaces(authorization, space)
  if (token === '') return malformed('malformed_authorization', `No token follows "${expected}"`)
  if (token.length > MAX_TOKEN_CHARS) {
    return tooLarge()
  }
  return hasThreeParts(token) ? token : (judgeToken68(token) ?? token)
}

/** Looks at each character of a token. */
export function judgeToken68(token: string): AuthError | undefined {
  if (B64TOKEN.test(token)) return undefined
  return malformed('malformed_authorization', 'What follows the scheme is not a token68')
}

export function tooLarge(): AuthError {
  return invalidToken('token_too_large', `The token is longer than ${MAX_TOKEN_CHARS} characters`)
}

export function noCredential(reason: AuthErrorReason): AuthError {
  return new AuthError('no_credential', { reason })
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
