import type { IncomingMessage } from 'node:http'
import { AuthError, invalidToken, type AuthErrorReason } from '../core/errors.js'

/** RFC 9110 §5.6.2 `token`: what an auth-scheme is made of. */
const SCHEME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** RFC 6750 §2.1 `b64token`. The two classes are disjoint, so a match is linear in the input. */
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/

/** Tokens of 7 kB are seen in the field; Node itself stops at 16 KiB for all headers together. */
const MAX_TOKEN_CHARS = 12_288

/**
 * Reads exactly one bearer token from the `Authorization` header (RFC 6750 §2.1), or throws the
 * refusal. Tokens in the query or the body are never read (OAuth 2.1 §5.1).
 */
export function bearerToken(req: IncomingMessage): string {
  const value = req.headers.authorization
  if (countAuthorizationLines(req.rawHeaders) > 1) {
    throw malformed('duplicate_authorization', 'The request has several Authorization lines')
  }
  if (value === undefined || value === '') throw noCredential('no_credential')

  const space = value.indexOf(' ')
  const scheme = space === -1 ? value : value.slice(0, space)
  if (scheme.toLowerCase() !== 'bearer') {
    if (SCHEME.test(scheme)) throw noCredential('unsupported_scheme')
    throw malformed('malformed_authorization', 'Authorization does not begin with a scheme')
  }
  const token = space === -1 ? '' : withoutLeadingSpaces(value, space)
  if (token === '') throw malformed('malformed_authorization', 'No token follows "Bearer"')
  if (token.length > MAX_TOKEN_CHARS) {
    throw invalidToken('token_too_large', `The token is longer than ${MAX_TOKEN_CHARS} characters`)
  }
  if (!B64TOKEN.test(token)) {
    throw malformed('malformed_authorization', 'What follows "Bearer" is not a token68')
  }
  return token
}

/**
 * Node drops every Authorization line but the first, so that `req.headers` looks innocent while a
 * proxy in front may have judged the second. Only the raw headers show it (RFC 9110 §5.3, §11.6.2).
 */
function countAuthorizationLines(rawHeaders: readonly string[]): number {
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!
    if (name.length === 13 && name.toLowerCase() === 'authorization') count += 1
  }
  return count
}

/** RFC 9110 §11.4 allows one or more spaces between the scheme and the token. */
function withoutLeadingSpaces(value: string, from: number): string {
  let start = from
  while (value[start] === ' ') start += 1
  return value.slice(start)
}

function noCredential(reason: AuthErrorReason): AuthError {
  return new AuthError('no_credential', { reason })
}

function malformed(reason: AuthErrorReason, detail: string): AuthError {
  return new AuthError('invalid_request', { reason, detail })
}
