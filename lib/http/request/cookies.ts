import type { ServerResponse } from 'node:http'

/**
 * All values that a `Cookie` header gives a name, in order. A parser that returns one of several
 * hides an attack: a sibling subdomain plants a second cookie of the name, with a longer path so
 * that it comes first.
 *
 * Names are compared byte by byte, after trimming what RFC 6265 §4.2.1 calls whitespace and nothing
 * else: browsers store `\u00A0__Host-x` from a sibling subdomain without enforcing the prefix, and a
 * parser that calls `trim()` turns it into `__Host-x`.
 */
export function cookieValues(header: string | undefined, name: string): readonly string[] {
  if (header === undefined || !header.includes(name)) return []
  const values: string[] = []
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals === -1 || trimmed(pair, 0, equals) !== name) continue
    values.push(trimmed(pair, equals + 1, pair.length))
  }
  return values
}

/** Names of cookies that begin with `prefix`, each once. */
export function cookieNames(header: string | undefined, prefix: string): readonly string[] {
  if (header === undefined || !header.includes(prefix)) return []
  const names = header.split(';').map((pair) => trimmed(pair, 0, (pair + '=').indexOf('=')))
  return [...new Set(names.filter((name) => name.startsWith(prefix)))]
}

function trimmed(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isBlank(text, start)) start += 1
  while (end > start && isBlank(text, end - 1)) end -= 1
  return text.slice(start, end)
}

function isBlank(text: string, index: number): boolean {
  const char = text[index]
  return char === ' ' || char === '\t'
}

/** What `requireBearer` must know of the cookie that holds the token. */
export interface ReadableCookie {
  readonly name: string
  /** The token in the value of a sealed cookie; undefined where the seal is broken. */
  readonly open?: ((value: string) => string | undefined) | undefined
}

/** What a logout clears once the revocation is stored. */
export interface ClearableCookie {
  /** The name of the cookie. */
  readonly name: string
  /** Removes the cookie from the browser, by this response. */
  clear(res: ServerResponse): void
}

export interface CookieAttributes {
  readonly secure: boolean
  readonly sameSite: 'strict' | 'lax' | 'none'
  readonly maxAgeSeconds: number
}

/**
 * Sets a cookie for this host alone, out of reach of scripts, instead of one of that name which
 * the same response already sets (RFC 6265 §4.1.1 allows one). `Set-Cookie` stops no cache (RFC
 * 9111 §7.3), and one that kept this answer would hand the cookie to the next visitor.
 */
export function setCookie(
  res: ServerResponse,
  name: string,
  value: string,
  { secure, sameSite, maxAgeSeconds }: CookieAttributes,
): void {
  const parts = [`${name}=${value}`, 'Path=/', `Max-Age=${maxAgeSeconds}`]
  if (maxAgeSeconds === 0) parts.push('Expires=Thu, 01 Jan 1970 00:00:00 GMT')
  parts.push('HttpOnly')
  if (secure) parts.push('Secure')
  parts.push(`SameSite=${SAME_SITE[sameSite]}`)
  const others = [res.getHeader('Set-Cookie') ?? []]
    .flat()
    .map(String)
    .filter((line) => !line.startsWith(`${name}=`))
  res.setHeader('Set-Cookie', [...others, parts.join('; ')])
  res.setHeader('Cache-Control', 'no-store')
}

const SAME_SITE = { strict: 'Strict', lax: 'Lax', none: 'None' } as const
