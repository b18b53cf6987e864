import type { IncomingMessage } from 'node:http'
import { AuthError } from '../core/errors.js'
import { optionCheck, type OptionCheck } from '../core/options.js'
import { authState, refuseRequest, type Manner } from '../http/auth-state.js'
import { compileManner, type MannerOptions } from '../http/manner.js'
import type { Middleware } from '../http/middleware.js'
import {
  compileOrigins,
  isSafeMethod,
  judgeOrigin,
  type OriginFacts,
  type OriginPolicy,
  type OriginRefusal,
} from '../http/origin.js'
import { addVary } from '../http/vary.js'

type Exemption = string | ((req: IncomingMessage) => boolean)

export interface CsrfGuardOptions extends Pick<
  MannerOptions,
  'errorFormat' | 'onEvent' | 'onRefuse'
> {
  /**
   * The public origin of this server, or several. Consulted only where a browser sends no
   * `Sec-Fetch-Site`. Set it in production: `Host`, the default, is what the client says it is,
   * and DNS rebinding makes it say an attacker's name. @default the request's `Host`
   */
  readonly origin?: string | readonly string[]
  /** Other origins whose pages may send unsafe requests, exactly as browsers spell them. @default [] */
  readonly trustedOrigins?: readonly string[]
  /**
   * A request that names no origin, but has this header, did not come from a foreign page: no page
   * can add it across origins without a CORS preflight. @default 'x-csrf'
   */
  readonly header?: string
  /**
   * Whether a request carries a credential that browsers attach unasked. Only such requests must
   * name their origin, so that scripts and SDKs need no ceremony. Widen it for client
   * certificates or Basic. @default has a `Cookie` header
   */
  readonly ambient?: (req: IncomingMessage) => boolean
  /** Requests to let pass: exact paths, or predicates. For webhooks and back-channel logout. @default [] */
  readonly exempt?: readonly Exemption[]
  /** Refuses `Sec-Fetch-Site: none`, which only a user's own navigation has, as well. @default false */
  readonly strict?: boolean
}

const GUARD = 'csrfGuard'

const OPTION_NAMES: readonly (keyof CsrfGuardOptions)[] = [
  'origin',
  'trustedOrigins',
  'header',
  'ambient',
  'exempt',
  'strict',
  'errorFormat',
  'onEvent',
  'onRefuse',
]

/**
 * Refuses unsafe requests that a browser sent for a page of another origin, by Fetch Metadata and
 * `Origin`. It needs no token, no session and no script in the page. Mount it before every route
 * that takes a cookie for a credential, login and logout included. Costs a few header look-ups.
 *
 * Mounted behind `requireBearer`, it lets requests pass that authenticated by `Authorization`
 * header. Mounted in front of it, a header alone exempts nothing: it may hold garbage while the
 * cookie does the work.
 *
 * | refused because                                              | status | `error`                |
 * | ------------------------------------------------------------ | ------ | ---------------------- |
 * | a page of another site, or of a sibling subdomain, sent it   | 403    | `csrf_cross_site`      |
 * | no Fetch Metadata, and `Origin` is neither ours nor trusted  | 403    | `csrf_origin_mismatch` |
 * | it names no origin, carries a cookie and lacks the header    | 403    | `csrf_origin_missing`  |
 *
 * GET, HEAD and OPTIONS pass always, so handlers of these must change nothing.
 *
 * @example
 * app.use(csrfGuard({ origin: 'https://app.example.com' }))
 *
 * @throws TypeError at construction, for an unknown option or an origin that is not spelt exactly.
 */
export function csrfGuard(options: CsrfGuardOptions = {}): Middleware {
  const check = optionCheck(GUARD)
  check.known(options, OPTION_NAMES)
  const policy: OriginPolicy = {
    own: compileOrigins(check, 'origin', options.origin),
    trusted: compileOrigins(check, 'trustedOrigins', options.trustedOrigins),
    strict: check.boolean('strict', options.strict, false),
  }
  const headerName = compileHeaderName(check, options.header)
  check.optionalFunction('ambient', options.ambient)
  const ambient = options.ambient ?? hasCookies
  const exemptionOf = compileExemptions(check, options.exempt)
  const mannerFor = compileMannerFor(check, options)

  return function csrfGuardMiddleware(req, res, next) {
    if (isSafeRequest(req)) {
      next()
      return
    }
    const state = authState(req)
    const exemption = exemptionOf(req)
    if (exemption !== undefined) {
      mannerFor(state?.manner).events.emit({ name: 'csrf.exempt', guard: GUARD, exemption })
      next()
      return
    }
    if (state?.auth?.transport === 'header') {
      next()
      return
    }
    const facts = readFacts(req, headerName, ambient)
    const refusal = judgeOrigin(facts, policy)
    if (refusal === undefined) {
      addVary(res, ['Origin', 'Sec-Fetch-Site'])
      next()
      return
    }
    const error = new AuthError(refusal, { reason: refusal, detail: explain(refusal, facts) })
    refuseRequest(GUARD, error, mannerFor(state?.manner), { req, res, next, auth: state?.auth })
  }
}

function hasCookies(req: IncomingMessage): boolean {
  return req.headers.cookie !== undefined
}

/** `originalMethod` is where method-override keeps what was sent. */
type Overridable = IncomingMessage & { readonly originalMethod?: string }

function isSafeRequest({ method = '', originalMethod }: Overridable): boolean {
  return isSafeMethod(method, originalMethod)
}

function readFacts(
  req: Overridable,
  headerName: string,
  ambient: (req: IncomingMessage) => boolean,
): OriginFacts {
  const { headers } = req
  return {
    method: req.method ?? '',
    originalMethod: req.originalMethod,
    secFetchSite: single(headers['sec-fetch-site']),
    origin: single(headers.origin),
    host: headers.host,
    ambient: ambient(req),
    customHeader: single(headers[headerName] ?? '') !== '',
  }
}

/** Node joins what comes twice with a comma, and so would we: such a value equals no origin. */
function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}

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

function compileHeaderName(check: OptionCheck, option: string | undefined): string {
  const name = option === undefined ? 'x-csrf' : check.string('header', option).toLowerCase()
  if (!/^[a-z][a-z0-9-]*$/.test(name) || SAFELISTED_HEADERS.has(name) || name.startsWith('sec-')) {
    check.refuse('header', 'be a header of your own, like "x-csrf"', option)
  }
  return name
}

/** Which exemption a request falls under, in words for the event. */
function compileExemptions(
  check: OptionCheck,
  exempt: CsrfGuardOptions['exempt'],
): (req: IncomingMessage) => string | undefined {
  if (exempt !== undefined && !Array.isArray(exempt)) {
    check.refuse('exempt', 'be a list of paths and predicates', exempt)
  }
  const list: readonly Exemption[] = exempt ?? []
  const paths = new Set<string>()
  const predicates: ((req: IncomingMessage) => unknown)[] = []
  for (const item of list) {
    if (typeof item === 'function') predicates.push(item)
    else if (typeof item === 'string' && /^\/[^?#*:]*$/.test(item)) paths.add(item)
    else check.refuse('exempt', 'hold exact paths like "/hooks/pay", or predicates', item)
  }
  return (req) => {
    if (paths.size > 0) {
      const path = pathOf(req)
      if (paths.has(path)) return path
    }
    // Only `true` exempts: a predicate that returns a promise would else exempt everything.
    return predicates.some((predicate) => predicate(req) === true) ? 'a predicate' : undefined
  }
}

/** `originalUrl`, because a router that is mounted at a path cuts that path off `url`. */
function pathOf(req: IncomingMessage & { readonly originalUrl?: string }): string {
  const url = req.originalUrl ?? req.url ?? ''
  const end = url.search(/[?#]/)
  return end === -1 ? url : url.slice(0, end)
}

/** The guard's own manner where one was given; else that of the `requireBearer` in front. */
function compileMannerFor(
  check: OptionCheck,
  { errorFormat, onEvent, onRefuse }: CsrfGuardOptions,
): (inFront: Manner | undefined) => Manner {
  const own = compileManner(check, {
    ...(errorFormat === undefined ? {} : { errorFormat }),
    ...(onEvent === undefined ? {} : { onEvent }),
    ...(onRefuse === undefined ? {} : { onRefuse }),
  })
  const standsAlone = errorFormat ?? onEvent ?? onRefuse
  return (inFront) => (standsAlone === undefined ? (inFront ?? own) : own)
}

function explain(refusal: OriginRefusal, { secFetchSite, origin, host }: OriginFacts): string {
  const sender = origin ?? 'an unnamed origin'
  switch (refusal) {
    case 'csrf_cross_site':
      return `Sec-Fetch-Site is ${secFetchSite ?? 'absent'}, Origin is ${sender}. If that is your front end, add it to "trustedOrigins"`
    case 'csrf_origin_mismatch':
      return `Origin is ${sender}, Host is ${host ?? 'absent'}, Sec-Fetch-Site is ${secFetchSite ?? 'absent'}. Behind a proxy, set "origin" to the public origin; add other front ends to "trustedOrigins"`
    case 'csrf_origin_missing':
      return 'Neither Sec-Fetch-Site nor Origin came, but a cookie did. A client that is no browser can send the custom header of csrfGuard'
  }
}
