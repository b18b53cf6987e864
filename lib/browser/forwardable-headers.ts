import type { IncomingMessage } from 'node:http'
import { optionCheck } from '../core/options.js'

export interface ForwardableHeadersOptions {
  /** Cookies that no upstream may see: names, or what `tokenCookie()` returned. */
  readonly cookies: readonly (string | { readonly name: string })[]
  /** Forwards the client's own `Authorization` as well. @default false */
  readonly authorization?: boolean
  /** Further headers by which your upstreams learn who the user is. @default only the common ones */
  readonly identityHeaders?: readonly string[]
}

/** RFC 9110 §7.6.1: for this connection alone. `Host` is the next server's to say. */
const HOP_BY_HOP: readonly string[] = [
  'connection',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/**
 * By these, upstreams behind oauth2-proxy, Kong, APISIX and the like learn who the user is. From a
 * client they are a lie: set them yourself, from `authOf(req)`.
 */
const IDENTITY: readonly string[] = [
  'remote-user',
  'x-remote-user',
  'x-user',
  'x-user-id',
  'x-userinfo',
  'x-access-token',
  'x-id-token',
  'x-forwarded-user',
  'x-forwarded-email',
  'x-forwarded-groups',
  'x-forwarded-preferred-username',
  'x-forwarded-access-token',
]
const IDENTITY_PREFIXES: readonly string[] = ['x-auth-request-', 'x-authenticated-', 'x-consumer-']

/**
 * The headers of a request that a proxy may send on: without the cookies that hold tokens, without
 * the client's credentials, without headers that claim an identity, and without what belongs to this
 * connection. An upstream that sees a token can use it, and so can whoever reads its logs.
 *
 * @example
 * await fetch(upstream, { headers: forwardableHeaders(req, { cookies: [cookie] }) })
 */
export function forwardableHeaders(
  req: IncomingMessage,
  options: ForwardableHeadersOptions,
): Record<string, string> {
  const check = optionCheck('forwardableHeaders')
  check.known(options, ['cookies', 'authorization', 'identityHeaders'])
  const names = options.cookies.map((cookie) => (typeof cookie === 'string' ? cookie : cookie.name))
  const more = options.identityHeaders ?? []
  const further = more.length === 0 ? [] : check.strings('identityHeaders', more)
  const identity = [...IDENTITY, ...further.map((name) => name.toLowerCase())]
  const dropped = new Set([...HOP_BY_HOP, ...connectionTokens(req), ...identity])
  if (!check.boolean('authorization', options.authorization, false)) dropped.add('authorization')

  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(req.headers)) {
    if (value === undefined || dropped.has(name) || claimsIdentity(name)) continue
    const text = Array.isArray(value) ? value.join(', ') : value
    const kept = name === 'cookie' ? withoutCookies(text, names) : text
    if (kept !== '') headers[name] = kept
  }
  return headers
}

function claimsIdentity(name: string): boolean {
  return IDENTITY_PREFIXES.some((prefix) => name.startsWith(prefix))
}

/** What `Connection` names is for this connection too. */
function connectionTokens({ headers }: IncomingMessage): readonly string[] {
  return (headers.connection ?? '').split(',').map((token) => token.trim().toLowerCase())
}

/**
 * Laxer than the reader on purpose: whatever some upstream's parser might take for the cookie, in
 * another case or behind odd whitespace, is dropped.
 */
function withoutCookies(header: string, names: readonly string[]): string {
  const secret = new Set(names.map((name) => name.toLowerCase()))
  return header
    .split(';')
    .filter((pair) => !secret.has(pair.split('=', 1)[0]!.trim().toLowerCase()))
    .map((pair) => pair.trim())
    .join('; ')
}
