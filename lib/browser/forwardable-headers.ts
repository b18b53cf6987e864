import type { IncomingMessage } from 'node:http'
import { optionCheck } from '../core/options.js'

export interface ForwardableHeadersOptions {
  /** Cookies that no upstream may see: names, or what `tokenCookie()` returned. */
  readonly cookies: readonly (string | { readonly name: string })[]
  /** Forwards the client's own `Authorization` as well. @default false */
  readonly authorization?: boolean
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
 * The headers of a request that a proxy may send on: without the cookies that hold tokens, without
 * the client's credentials, and without what belongs to this connection. An upstream that sees a
 * token can use it, and so can whoever reads its logs.
 *
 * @example
 * await fetch(upstream, { headers: forwardableHeaders(req, { cookies: [cookie] }) })
 */
export function forwardableHeaders(
  req: IncomingMessage,
  options: ForwardableHeadersOptions,
): Record<string, string> {
  const check = optionCheck('forwardableHeaders')
  check.known(options, ['cookies', 'authorization'])
  const names = options.cookies.map((cookie) => (typeof cookie === 'string' ? cookie : cookie.name))
  const dropped = new Set([...HOP_BY_HOP, ...connectionTokens(req)])
  if (!check.boolean('authorization', options.authorization, false)) dropped.add('authorization')

  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(req.headers)) {
    if (value === undefined || dropped.has(name)) continue
    const text = Array.isArray(value) ? value.join(', ') : value
    const kept = name === 'cookie' ? withoutCookies(text, names) : text
    if (kept !== '') headers[name] = kept
  }
  return headers
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
