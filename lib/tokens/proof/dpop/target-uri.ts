/** A URI without query and fragment, spelt one way. */
export interface TargetUri {
  /** Scheme, host and port; the port only where it is not that of the scheme. */
  readonly origin: string
  readonly path: string
}

/** Every character that a URI may have (RFC 3986 §2); no user information in front of the host. */
const URI =
  /^(https?):\/\/([A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{0,5}))?([A-Za-z0-9._~!$&'()*+,;=:@%/-]*)(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?(?:#[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?$/i

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }

/** `htu` names one API: a longer URI is none of ours. */
const MAX_CHARS = 4096

/**
 * Normalises a URI by its syntax and scheme (RFC 3986 §6.2.2, §6.2.3), as RFC 9449 §4.3 wants it for
 * `htu`. Not by WHATWG's `URL`, which takes tabs, backslashes and look-alikes of dots for something
 * else, and leaves `%7e` as it is: then two readers see two URIs in one text.
 *
 * @returns undefined for what is no absolute http or https URI.
 */
export function normaliseUri(uri: string): TargetUri | undefined {
  if (uri.length > MAX_CHARS) return undefined
  const [, scheme = '', host = '', port = '', path = ''] = URI.exec(uri) ?? []
  if (scheme === '' || (path !== '' && !path.startsWith('/'))) return undefined
  const normalHost = normaliseEscapes(host)?.toLowerCase()
  const normalPath = normalisePath(path)
  if (normalHost === undefined || normalPath === undefined) return undefined
  return { origin: originOf(scheme.toLowerCase(), normalHost, port), path: normalPath }
}

/** Most paths have but one spelling: nothing in them is escaped, and no segment begins with a dot. */
const PLAIN_PATH = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$/

/** Normalises the path of a request target; its query does not count. Undefined for other forms of a target. */
export function normaliseTarget(target: string): string | undefined {
  if (PLAIN_PATH.test(target)) return target
  return target.startsWith('/') ? normaliseUri(`http://host${target}`)?.path : undefined
}

function originOf(scheme: string, host: string, port: string): string {
  const digits = port.replace(/^0+(?=\d)/, '')
  return digits === '' || digits === DEFAULT_PORTS[scheme]
    ? `${scheme}://${host}`
    : `${scheme}://${host}:${digits}`
}

function normalisePath(path: string): string | undefined {
  const escaped = normaliseEscapes(path)
  return escaped === undefined ? undefined : withoutDotSegments(escaped)
}

const UNRESERVED = /[A-Za-z0-9._~-]/

/** RFC 3986 §6.2.2.1, §6.2.2.2. An escaped slash stays escaped: it is no separator. */
function normaliseEscapes(text: string): string | undefined {
  if (!text.includes('%')) return text
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined
  return text.replace(/%[0-9A-Fa-f]{2}/g, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
    return UNRESERVED.test(character) ? character : escape.toUpperCase()
  })
}

/** RFC 3986 §5.2.4. */
function withoutDotSegments(path: string): string {
  if (!path.includes('/.')) return path === '' ? '/' : path
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  segments.forEach((segment, at) => {
    const isLast = at === segments.length - 1
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
    if (isLast && (segment === '.' || segment === '..')) kept.push('')
  })
  return `/${kept.join('/')}`
}
