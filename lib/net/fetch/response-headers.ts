import type { IncomingHttpHeaders } from 'node:http'

/**
 * How much longer a response says it is fresh, in seconds: `max-age` less the `Age` it has already
 * spent in caches, 0 for `no-store` and `no-cache` (RFC 9111 §4.2, §5.2.2). The caller bounds it.
 */
export function remainingFreshness(headers: IncomingHttpHeaders): number | undefined {
  const directives = (headers['cache-control'] ?? '').toLowerCase().split(',')
  let maxAge: number | undefined
  for (const directive of directives) {
    const [name = '', value = ''] = directive.trim().split('=')
    if (name === 'no-store' || name === 'no-cache') return 0
    if (name === 'max-age') maxAge ??= deltaSeconds(value.replace(/^"(.*)"$/, '$1'))
  }
  return maxAge === undefined ? undefined : Math.max(0, maxAge - (deltaSeconds(headers.age) ?? 0))
}

/** Only delta-seconds: an HTTP date would bring the peer's clock into our back-off (RFC 9110 §10.2.3). */
export function retryAfterSeconds(headers: IncomingHttpHeaders): number | undefined {
  return deltaSeconds(headers['retry-after'])
}

/** RFC 8414 §3.2 wants `application/json`; a `+json` type is as good (RFC 6839 §3.1). */
export function isJsonType(headers: IncomingHttpHeaders): boolean {
  const [type = ''] = (headers['content-type'] ?? '').toLowerCase().split(';')
  return type.trim() === 'application/json' || type.trim().endsWith('+json')
}

/** Where a redirect leads, for a message: without query and credentials, which may be secret. */
export function redirectTarget(
  status: number,
  { location }: IncomingHttpHeaders,
  from: URL,
): string | undefined {
  const redirects = status >= 300 && status < 400 && location !== undefined
  if (!redirects || !URL.canParse(location, from.href)) return undefined
  const { protocol, host, pathname } = new URL(location, from.href)
  return `${protocol}//${host}${pathname}`.slice(0, 200)
}

/** RFC 9111 §1.2.2. */
function deltaSeconds(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,10}$/.test(value) ? Number(value) : undefined
}
