import type { IncomingMessage } from 'node:http'
import { atOnce } from '../../core/app-function.js'
import { AuthError } from '../../core/errors.js'
import type { OptionCheck } from '../../core/options.js'
import {
  isSafeMethod,
  judgeOrigin,
  judgeRead,
  type OriginFacts,
  type OriginPolicy,
  type OriginRefusal,
} from './judge-origin.js'
import { hostOf } from '../request/host.js'

/** What `csrfGuard` and the check inside `requireBearer` go by. */
export interface CsrfPolicy extends OriginPolicy {
  /** In lower case. */
  readonly headerName: string
  readonly ambient: (req: IncomingMessage) => boolean
  /** Judges GET, HEAD and OPTIONS too. */
  readonly isolateReads: boolean
}

/** `originalMethod` is where method-override keeps what was sent. */
type Overridable = IncomingMessage & { readonly originalMethod?: string }

export function isSafeRequest({ method = '', originalMethod }: Overridable): boolean {
  return isSafeMethod(method, originalMethod)
}

/** Judges a request by where it came from. What it answers depends on the headers named here: `Vary`. */
export function originRefusal(req: IncomingMessage, policy: CsrfPolicy): AuthError | undefined {
  const facts = readFacts(req, policy)
  const refusal = isSafeRequest(req)
    ? policy.isolateReads && judgeRead(facts, policy)
    : judgeOrigin(facts, policy)
  if (refusal === undefined || refusal === false) return undefined
  return new AuthError(refusal, { reason: refusal, detail: explain(refusal, facts) })
}

/** Judges a handshake, which is a GET, as the post that it may amount to. */
export function judgeAsUnsafe(req: IncomingMessage, policy: CsrfPolicy): boolean {
  const facts = { ...readFacts(req, policy), method: 'POST', originalMethod: undefined }
  return judgeOrigin(facts, policy) === undefined
}

function readFacts(req: Overridable, { headerName, ambient }: CsrfPolicy): OriginFacts {
  const { headers } = req
  return {
    method: req.method ?? '',
    originalMethod: req.originalMethod,
    secFetchSite: single(headers['sec-fetch-site']),
    secFetchMode: single(headers['sec-fetch-mode']),
    secFetchDest: single(headers['sec-fetch-dest']),
    origin: single(headers.origin),
    host: hostOf(req),
    ambient: atOnce(ambient(req)),
    customHeader: hasHeader(req, headerName),
  }
}

/** Only what is no browser, or an old one over plain http, names no origin in an unsafe request. */
export function namesNoOrigin({ headers }: IncomingMessage): boolean {
  return headers['sec-fetch-site'] === undefined && headers.origin === undefined
}

export function hasHeader({ headers }: IncomingMessage, name: string): boolean {
  return single(headers[name] ?? '') !== ''
}

/** Node joins what comes twice with a comma, and so would we: such a value equals no origin. */
function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}

export function hasCookies(req: IncomingMessage): boolean {
  return req.headers.cookie !== undefined
}

function explain(refusal: OriginRefusal, { secFetchSite, origin, host }: OriginFacts): string {
  const sender = origin ?? 'an unnamed origin'
  switch (refusal) {
    case 'csrf_cross_site':
      return `Sec-Fetch-Site is ${secFetchSite ?? 'absent'}, Origin is ${sender}. If that is your front end, add it to "trustedOrigins"`
    case 'csrf_origin_mismatch':
      return `Origin is ${sender}, Host is ${host ?? 'absent'}, Sec-Fetch-Site is ${secFetchSite ?? 'absent'}. Behind a proxy, set "origin" to the public origin; add other front ends to "trustedOrigins"`
    case 'csrf_origin_missing':
      return 'Neither Sec-Fetch-Site nor Origin came, but a cookie did. A client that is no browser can send the custom header x-csrf'
  }
}

export const DEFAULT_HEADER = 'x-csrf'

/** A page may send these to any server without asking, so they would prove nothing. */
const SAFELISTED_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'content-language',
  'content-type',
  'cookie',
  'host',
  'origin',
  'range',
  'referer',
  'user-agent',
])

export function compileHeaderName(check: OptionCheck, option: string | undefined): string {
  if (option === undefined) return DEFAULT_HEADER
  const name = check.string('header', option).toLowerCase()
  if (!/^[a-z][a-z0-9-]*$/.test(name) || SAFELISTED_HEADERS.has(name) || name.startsWith('sec-')) {
    check.refuse('header', 'be a header of your own, like "x-csrf"', option)
  }
  return name
}
