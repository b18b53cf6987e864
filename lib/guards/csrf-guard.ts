import type { IncomingMessage, ServerResponse } from 'node:http'
import { atOnce } from '../core/app-function.js'
import type { Auth } from '../core/auth/auth.js'
import { AuthError } from '../core/verdicts/errors.js'
import { printable } from '../core/events/events.js'
import { optionCheck, pickDefined, type OptionCheck } from '../core/options/option-check.js'
import { authState } from '../http/guard/auth-state.js'
import {
  compileHeaderName,
  hasCookies,
  hasHeader,
  isSafeRequest,
  opensSocket,
  namesNoOrigin,
  originRefusal,
  type CsrfPolicy,
} from '../http/origin/request-origin.js'
import { createResponder, type Responder, type ResponderOptions } from '../http/guard/responder.js'
import { withFacts } from '../http/guard/facts.js'
import { toErrorHandler, type Middleware } from '../http/guard/middleware.js'
import { compileOrigins, compileOwnOrigins } from '../http/origin/judge-origin.js'
import { addVary, ORIGIN_VARY, READ_VARY } from '../http/answer/vary.js'
import { compileExemptions, type Exemption } from './csrf/exemptions.js'
import { createTokenMode, type CsrfTokenOptions } from './csrf/token-mode.js'

export interface CsrfGuardOptions extends Pick<
  ResponderOptions,
  'errorFormat' | 'onEvent' | 'advice' | 'onRefuse'
> {
  /**
   * The public origin of this server, or several. Consulted only where a browser sends no
   * `Sec-Fetch-Site`. Set it in production: `Host`, the default, is what the client says it is,
   * and DNS rebinding makes it say an attacker's name. @default the request's `Host`
   */
  readonly origin?: string | readonly string[] | undefined
  /** Other origins whose pages may send unsafe requests, exactly as browsers spell them. @default [] */
  readonly trustedOrigins?: readonly string[] | undefined
  /**
   * What an unsafe request needs besides the right origin: nothing (`origin`), the custom header
   * (`header`, as BFFs ask of their front ends), or a token of this session (`token`, for pages
   * that auditors or very old browsers want one in). @default 'origin'
   */
  readonly mode?: 'origin' | 'header' | 'token' | undefined
  /**
   * The custom header. No page can send it to another origin without a CORS preflight, so it also
   * vouches for a request that names no origin. @default 'x-csrf'
   */
  readonly header?: string | undefined
  /** For the mode `token`. */
  readonly token?: CsrfTokenOptions | undefined
  /**
   * Whether a request carries a credential that browsers attach unasked. Only these requests must name
   * their origin, so that scripts and SDKs need no ceremony. Widen it for client certificates or Basic.
   * @default has a `Cookie` header
   */
  readonly ambient?: ((req: IncomingMessage) => boolean) | undefined
  /**
   * Requests to let pass: whole paths, in whatever spelling Express routes to the same handler, or
   * predicates. For webhooks, answers to logins and back-channel logout. @default []
   */
  readonly exempt?: readonly Exemption[] | undefined
  /** Also refuses foreign pages that load us by GET, unless they link to us. @default false */
  readonly isolateReads?: boolean | undefined
  /** Refuses `Sec-Fetch-Site: none`, which only a user's own navigation has, as well. @default false */
  readonly refuseUserNavigation?: boolean | undefined
  /** Lets what would be refused pass, with the event `csrf.reported`: to watch before refusing. @default false */
  readonly reportOnly?: boolean | undefined
}

const GUARD = 'csrfGuard'

const OPTION_NAMES: readonly (keyof CsrfGuardOptions)[] = [
  'origin',
  'trustedOrigins',
  'mode',
  'header',
  'token',
  'ambient',
  'exempt',
  'isolateReads',
  'refuseUserNavigation',
  'reportOnly',
  'errorFormat',
  'onEvent',
  'advice',
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
 * | mode `header`, and it lacks the header                       | 403    | `csrf_header_missing`  |
 * | mode `token`, and it has no token                            | 403    | `csrf_token_missing`   |
 * | mode `token`, and the token is not of this session           | 403    | `csrf_token_invalid`   |
 *
 * GET, HEAD and OPTIONS pass, so handlers of these must change nothing; but a GET that opens a
 * WebSocket must come from an origin of ours.
 *
 * @example
 * app.use(csrfGuard({ origin: 'https://app.example.com' }))
 *
 * @throws TypeError at construction, for an unknown option or an origin that is not spelt exactly.
 */
export function csrfGuard(options: CsrfGuardOptions = {}): Middleware {
  const check = optionCheck(GUARD)
  check.known(options, OPTION_NAMES, { former: { strict: 'refuseUserNavigation' } })
  const policy = compilePolicy(check, options)
  const proof = createProof(check, options, policy)
  const exemptions = compileExemptions(check, options.exempt)
  const reportOnly = check.boolean('reportOnly', options.reportOnly, false)
  const responderFor = createResponderFor(check, options)

  /** Undefined where the request passes. */
  function judge(
    req: IncomingMessage,
    res: ServerResponse,
    { events }: Responder,
    auth: Auth | undefined,
  ): AuthError | undefined {
    const exemption = exemptions.of(req)
    if (exemption !== undefined) {
      events.emit({ name: 'csrf.exempt', guard: GUARD, exemption })
      return undefined
    }
    if (auth?.transport === 'header') return undefined
    const isSafe = isSafeRequest(req)
    // A page cannot add a proof to the handshake of a WebSocket: there its origin must do.
    const needsProof = !isSafe && !opensSocket(req.headers.upgrade)
    const refusal = originRefusal(req, policy) ?? (needsProof ? proof.refusal(req) : undefined)
    const error = refusal && withHint(refusal, exemptions.nearMiss(req))
    if (error !== undefined && !reportOnly) return error
    if (error !== undefined) report(events, error)
    addVary(res, isSafe ? READ_VARY : ORIGIN_VARY)
    return undefined
  }

  const guard: Middleware = function csrfGuardMiddleware(req, res, next) {
    proof.prepare(req, res)
    if (isSafeRequest(req) && !policy.isolateReads) {
      next()
      return
    }
    const state = authState(req)
    const auth = state?.auth
    const responder = responderFor(state?.responder)
    let error: AuthError | undefined
    try {
      error = judge(req, res, responder, auth)
    } catch (failure) {
      toErrorHandler(next)(failure)
      return
    }
    if (error === undefined) next()
    else responder.refuse(GUARD, error, { req, res, next, auth })
  }
  return withFacts(guard, () => [{ kind: 'csrf', reportOnly }])
}

function withHint(refusal: AuthError, hint: string | undefined): AuthError {
  if (hint === undefined) return refusal
  const { code, reason, detail = code } = refusal
  return new AuthError(code, { reason, detail: `${hint}. ${detail}` })
}

function report(events: Responder['events'], { code, detail }: AuthError): void {
  events.emit({ name: 'csrf.reported', guard: GUARD, code, detail: printable(detail ?? code, 400) })
}

function compilePolicy(check: OptionCheck, options: CsrfGuardOptions): CsrfPolicy {
  check.optionalFunction('ambient', options.ambient)
  return {
    own: compileOwnOrigins(check, 'origin', options.origin),
    trusted: compileOrigins(check, 'trustedOrigins', options.trustedOrigins),
    refuseUserNavigation: check.boolean(
      'refuseUserNavigation',
      options.refuseUserNavigation,
      false,
    ),
    isolateReads: check.boolean('isolateReads', options.isolateReads, false),
    headerName: compileHeaderName(check, options.header),
    ambient: options.ambient ?? hasCookies,
    exempts: true,
  }
}

/** What an unsafe request must show besides its origin. */
interface Proof {
  prepare(req: IncomingMessage, res: ServerResponse): void
  refusal(req: IncomingMessage): AuthError | undefined
}

function createProof(check: OptionCheck, options: CsrfGuardOptions, policy: CsrfPolicy): Proof {
  const mode = check.oneOf('mode', options.mode, ['origin', 'header', 'token'], 'origin')
  if (mode !== 'token' && options.token !== undefined) {
    check.refuse('token', "be left out unless mode is 'token'", options.token)
  }
  if (mode === 'origin') return { prepare: nothing, refusal: nothing }
  // A script without cookies holds nothing that a page could abuse, and needs no proof.
  const isHarmless = (req: IncomingMessage): boolean =>
    namesNoOrigin(req) && !atOnce(policy.ambient(req))
  if (mode === 'token') {
    const tokens = createTokenMode(check, options.token)
    return {
      prepare: (req, res) => tokens.prepare(req, res),
      refusal: (req) => (isHarmless(req) ? undefined : tokens.refusal(req)),
    }
  }
  return {
    prepare: nothing,
    refusal: (req) =>
      isHarmless(req) || hasHeader(req, policy.headerName)
        ? undefined
        : new AuthError('csrf_header_missing', {
            reason: 'csrf_header_missing',
            detail: `Send the header ${policy.headerName} with every unsafe request`,
          }),
  }
}

function nothing(): undefined {
  return undefined
}

/** The guard's own responder where one was given; else that of the `requireBearer` in front. */
function createResponderFor(
  check: OptionCheck,
  options: CsrfGuardOptions,
): (inFront: Responder | undefined) => Responder {
  const given = pickDefined(options, ['errorFormat', 'onEvent', 'advice', 'onRefuse'])
  const own = createResponder(check, given)
  const standsAlone = Object.keys(given).length > 0
  return (inFront) => (standsAlone ? own : (inFront ?? own))
}
