import type { OptionCheck } from '../../core/options/option-check.js'
import { warn } from '../../core/events/warnings.js'

/** What the decision reads of a request: plain values, so that it can be tested without a server. */
export interface OriginFacts {
  readonly method: string
  /** The method as it was sent, where a method-override middleware replaced it. */
  readonly originalMethod: string | undefined
  readonly secFetchSite: string | undefined
  readonly secFetchMode: string | undefined
  readonly secFetchDest: string | undefined
  readonly origin: string | undefined
  readonly host: string | undefined
  /** A credential came that a browser attaches unasked: a cookie, a client certificate. */
  readonly ambient: boolean
  /** The custom header came. No page can send it to another origin without a CORS preflight. */
  readonly customHeader: boolean
}

export interface OriginPolicy {
  /** Our own public origins. Empty: `Origin` is compared with `Host`. */
  readonly own: ReadonlySet<string>
  /** Other origins whose pages may send unsafe requests. */
  readonly trusted: ReadonlySet<string>
  /** Refuses `Sec-Fetch-Site: none` as well. */
  readonly refuseUserNavigation: boolean
}

export type OriginRefusal = 'csrf_cross_site' | 'csrf_origin_mismatch' | 'csrf_origin_missing'

/** TRACE, QUERY, PROPFIND and whatever else exists are judged like POST. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * A method tunnelled through another one is safe only where both are: a form that posts
 * `_method=GET` is still a post that a foreign page can send.
 */
export function isSafeMethod(method: string, originalMethod: string | undefined): boolean {
  return (
    SAFE_METHODS.has(method) && (originalMethod === undefined || SAFE_METHODS.has(originalMethod))
  )
}

/**
 * Decides whether a browser sent an unsafe request on behalf of a foreign page. `Sec-Fetch-Site`
 * comes first: it alone is right in every case, also for a form on a page with `Referrer-Policy:
 * no-referrer`, which sends `Origin: null` to its own server. Browsers leave it out over plain http
 * and old ones never send it; then `Origin` decides, compared as a whole with scheme and port. The
 * content type decides nothing: every rule that looked at it has been walked around.
 *
 * @see {@link https://www.w3.org/TR/fetch-metadata/ | Fetch Metadata}
 */
export function judgeOrigin(facts: OriginFacts, policy: OriginPolicy): OriginRefusal | undefined {
  if (isSafeMethod(facts.method, facts.originalMethod)) return undefined
  const { secFetchSite, origin } = facts
  if (secFetchSite === 'same-origin') return undefined
  if (secFetchSite === 'none' && !policy.refuseUserNavigation) return undefined
  if (origin !== undefined && policy.trusted.has(origin)) return undefined
  if (isForeign(secFetchSite)) return 'csrf_cross_site'
  if (origin !== undefined)
    return isOwn(origin, facts.host, policy) ? undefined : 'csrf_origin_mismatch'
  // A value that no browser sends vouches for nothing: a request with it must name its origin.
  if (secFetchSite !== undefined) return 'csrf_origin_mismatch'
  return facts.ambient && !facts.customHeader ? 'csrf_origin_missing' : undefined
}

/**
 * Decides whether a foreign page may read by GET. It may link to us, and nothing else. It must not
 * embed, frame, or load us as an image, script or JSON, which leaks by size and timing what CORS hides,
 * and runs handlers whose GET has side effects (a resource isolation policy).
 */
export function judgeRead(facts: OriginFacts, policy: OriginPolicy): OriginRefusal | undefined {
  const { secFetchSite, origin } = facts
  if (secFetchSite !== 'cross-site' && secFetchSite !== 'same-site') return undefined
  if (origin !== undefined && policy.trusted.has(origin)) return undefined
  const isLink = facts.secFetchMode === 'navigate' && facts.secFetchDest === 'document'
  return isLink ? undefined : 'csrf_cross_site'
}

/** `none` gets here only where a user's own navigation is refused. A sibling subdomain may be in other hands: `same-site` is foreign. */
function isForeign(secFetchSite: string | undefined): boolean {
  return secFetchSite === 'cross-site' || secFetchSite === 'same-site' || secFetchSite === 'none'
}

/** `X-Forwarded-Host` is never asked: anybody can send it where no proxy overwrites it. */
function isOwn(origin: string, host: string | undefined, { own }: OriginPolicy): boolean {
  if (own.size > 0) return own.has(origin)
  if (host === undefined || host === '') return false
  return origin === `https://${host}` || origin === `http://${host}`
}

/**
 * Compiles a list of origins. Only the exact spelling of browsers is taken: a list compared by
 * host alone, or by suffix, lets `http://` and `app.example.com.evil.test` in.
 *
 * Web views and extensions have origins of their own schemes, like `capacitor://localhost`.
 *
 * @throws TypeError for anything but a bare `scheme://host[:port]`, for `null` and for `file://`.
 */
export function compileOrigins(
  check: OptionCheck,
  option: string,
  value: string | readonly string[] | undefined,
): ReadonlySet<string> {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return new Set()
  const origins = check.strings(option, value)
  const bad = origins.find((origin) => !isOrigin(origin))
  if (bad !== undefined) {
    check.refuse(option, 'hold origins like "https://app.example.com", without path or slash', bad)
  }
  return new Set(origins)
}

/**
 * The origins of this server, for a guard that lives as long as it. In production a warning says
 * where none are named: then browsers without Fetch Metadata are judged by `Host`, which DNS
 * rebinding makes an attacker's name.
 */
export function compileOwnOrigins(
  check: OptionCheck,
  option: string,
  value: string | readonly string[] | undefined,
): ReadonlySet<string> {
  const origins = compileOrigins(check, option, value)
  if (origins.size === 0 && process.env['NODE_ENV'] === 'production') {
    warn(
      'ERS_NO_ORIGIN',
      `${check.factory}: "${option}" is not set, so browsers that send no Sec-Fetch-Site are judged by the Host header, which is what the client says it is. Set it to your public origin, like "https://app.example.com"`,
    )
  }
  return origins
}

function isOrigin(value: string): boolean {
  // WHATWG URLs allow `*` in a host name, and a pattern that matches nothing looks like one that works.
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^*/?#@\s]+$/.test(value) || !URL.canParse(value)) return false
  const { protocol, host } = new URL(value)
  return !NEVER_SENT.has(protocol) && `${protocol}//${host}` === value
}

/** Pages of files are all of one origin, which browsers call `null`; no page has one of the others. */
const NEVER_SENT: ReadonlySet<string> = new Set(['file:', 'ftp:', 'ws:', 'wss:'])
