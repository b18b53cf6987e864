import type { IncomingMessage } from 'node:http'
import { optionCheck } from '../core/options/option-check.js'

export interface ForwardableHeadersOptions {
  /** Cookies that no upstream may see: names, or what `tokenCookie()` returned. */
  readonly cookies: readonly (string | { readonly name: string })[]
  /** Forwards the client's own `Authorization` as well. @default false */
  readonly authorization?: boolean | undefined
  /**
   * Further headers to forward, by name. None by which your upstreams learn who the user is: a client
   * can send them all. @default none
   */
  readonly headers?: readonly string[] | undefined
}

/**
 * What says something about the message, and nothing about who sent it. A list of what may pass,
 * because the names by which some proxy tells its upstreams the user have no end, and CGI, WSGI and
 * their kin read `X_Forwarded_User` as `X-Forwarded-User`.
 */
const FORWARDABLE: readonly string[] = [
  // The content (RFC 9110 §8, RFC 9530).
  'content-digest',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-range',
  'content-type',
  'repr-digest',
  // What is wanted of the answer (RFC 9110 §12 to §14, RFC 9111 §5, RFC 7240, RFC 9218).
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-event-id',
  'pragma',
  'prefer',
  'priority',
  'range',
  // What sent it: without these, an upstream would take a foreign page for a script.
  'dnt',
  'idempotency-key',
  'origin',
  'referer',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'sec-gpc',
  'user-agent',
  // Tracing.
  'b3',
  'baggage',
  'traceparent',
  'tracestate',
  'uber-trace-id',
  'x-amzn-trace-id',
  'x-b3-flags',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'x-b3-spanid',
  'x-b3-traceid',
  'x-cloud-trace-context',
  'x-correlation-id',
  'x-request-id',
]

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
 * The headers of a request that a proxy may send on: those of a fixed list and those that you name,
 * and the cookies that hold no token. An upstream that sees a token can use it, and so can whoever
 * reads its logs. To tell it who the user is, add a header of your own, from `authOf(req)`.
 *
 * @example
 * const headers = forwardableHeaders(req, { cookies: [cookie] })
 * await fetch(upstream, { headers: { ...headers, 'x-user': authOf(req).subject } })
 *
 * @throws TypeError for an unknown option, and a header in `headers` that is of one connection alone.
 */
export function forwardableHeaders(
  req: IncomingMessage,
  options: ForwardableHeadersOptions,
): Record<string, string> {
  const check = optionCheck('forwardableHeaders')
  check.known(options, ['cookies', 'authorization', 'headers'])
  const names = options.cookies.map((cookie) => (typeof cookie === 'string' ? cookie : cookie.name))
  const further = (options.headers ?? []).map((name) => check.string('headers', name).toLowerCase())
  const hop = further.find((name) => HOP_BY_HOP.includes(name))
  if (hop !== undefined) check.refuse('headers', 'name no header of one connection', hop)
  const allowed = new Set([...FORWARDABLE, 'cookie', ...further])
  if (check.boolean('authorization', options.authorization, false)) allowed.add('authorization')
  for (const name of connectionTokens(req)) allowed.delete(name)

  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(req.headers)) {
    if (value === undefined || !allowed.has(name)) continue
    const text = Array.isArray(value) ? value.join(', ') : value
    const kept = name === 'cookie' ? withoutCookies(text, names) : text
    if (kept !== '') headers[name] = kept
  }
  return headers
}

/** Headers that `Connection` names are for this connection too. */
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
