import type { IncomingMessage, ServerResponse } from 'node:http'
import { systemTimer } from '../core/clock.js'
import { AuthError } from '../core/errors.js'
import { tokenFacts, type AuthEvent } from '../core/events.js'
import type { Outcome } from '../core/outcome.js'
import { optionCheck, type OptionCheck } from '../core/options.js'
import { refuseRequest, setAuthState, type Exchange } from '../http/guard/auth-state.js'
import {
  compileCookiePolicy,
  COOKIE_OPTION_NAMES,
  cookieToken,
  type CookieOptions,
} from '../http/origin/cookie-credential.js'
import {
  authorizationHeader,
  judgeToken68,
  noCredential,
  tokenOf,
} from '../http/request/credentials.js'
import { compileThrottle, type ThrottleOptions } from '../http/throttle/failure-throttle.js'
import { compileManner, type MannerOptions } from '../http/guard/responder.js'
import { answerBy, type Middleware } from '../http/guard/middleware.js'
import { RequestSender } from '../http/request/request-sender.js'
import { ISSUER_OPTION_NAMES, type IssuerOptions } from '../tokens/issuers/options.js'
import type { IssuerResolver, IssuerStatus } from '../tokens/issuers/registry.js'
import { createIssuers } from '../tokens/issuers/create.js'
import { createJwtVerifier } from '../tokens/access/verifier.js'
import type { Credential } from '../tokens/access/credential.js'
import type { VerifiedToken } from '../tokens/access/entries.js'
import type { TokenCacheLimits } from '../tokens/access/token-cache.js'

/** One issuer, or `issuers`: a closed list, or a resolver behind an exact `allow` predicate. */
export type RequireBearerOptions = BearerOptions &
  (IssuerOptions | { readonly issuers: readonly IssuerOptions[] | IssuerResolver })

export interface BearerOptions extends MannerOptions, CookieOptions {
  /**
   * Lets a request without a token pass as anonymous. A bad token is refused all the same, and an
   * outage is 503: neither is ever taken for "no token". @default false
   */
  readonly optional?: boolean
  /**
   * Bounds of the memory of verified signatures; `false` verifies every token anew. Decisions are
   * never remembered: time, your `validate` and the denylist are asked on each request.
   * @default 10,000 entries, 48 MiB
   */
  readonly verifiedTokens?: { readonly maxEntries?: number; readonly maxBytes?: number } | false
  /**
   * Answers bad tokens by 429 once their network has sent too many. Good tokens of it still pass,
   * and expired ones do not count; but no key is fetched, no issuer resolved and nothing decrypted
   * for it. Processes share the counts through `redis`. Behind a proxy, set Express's `trust proxy`.
   * @default off
   */
  readonly throttle?: ThrottleOptions
}

/** A guard that also tells how its keys are doing. */
export interface BearerGuard extends Middleware {
  /** Resolves once the keys of every listed issuer are there; rejects when they cannot be had. */
  ready(): Promise<void>
  /** The state of each issuer's keys, for health checks. */
  status(): readonly IssuerStatus[]
  /**
   * Stops refreshing keys. Needed only where a guard is thrown away: a request that still comes is 503
   * where its keys were fetched, since nobody would hear that one is withdrawn.
   */
  close(): void
}

const BEARER_OPTION_NAMES: readonly (keyof BearerOptions)[] = [
  ...COOKIE_OPTION_NAMES,
  'optional',
  'verifiedTokens',
  'throttle',
  'realm',
  'errorFormat',
  'clock',
  'onEvent',
  'onRefuse',
]

/**
 * Refuses a request unless it carries a valid access token, and leaves what the token says for
 * `authOf(req)` (and in `req.auth`). Mount it before the routes it protects.
 *
 * Costs one signature check; the network is asked for keys only: at the first request, before they
 * grow old, and when a token names an unknown `kid`, within a budget.
 *
 * | refused because                                    | status | challenge                 |
 * | -------------------------------------------------- | ------ | ------------------------- |
 * | no token, or another scheme                        | 401    | without `error`           |
 * | malformed `Authorization`, or several of them      | 400    | `error="invalid_request"` |
 * | expired, forged, not for us, not an access token   | 401    | `error="invalid_token"`   |
 * | the issuer's keys cannot be had                    | 503    | none; `Retry-After`       |
 * | too many new tokens wait to be checked             | 503    | none; `Retry-After`       |
 * | `throttle`: too many bad tokens of its network     | 429    | none; `Retry-After`       |
 * | `cookie`: two cookies of that name                 | 400    | `error="invalid_request"` |
 * | `cookie`: a foreign page sent it                   | 403    | none                      |
 *
 * @example
 * app.use('/api', requireBearer({ issuer: 'https://id.example.com', audience: 'https://api.example.com' }))
 *
 * @throws TypeError at construction, for an unknown, missing or contradictory option.
 * @see RFC 6750 §2.1 and §3, RFC 9068 §4, RFC 8725 §3
 */
export function requireBearer(options: RequireBearerOptions): BearerGuard {
  const check = optionCheck('requireBearer')
  check.known(options, [...ISSUER_OPTION_NAMES, ...BEARER_OPTION_NAMES, 'issuers'])
  const manner = compileManner(check, options)
  const optional = check.boolean('optional', options.optional, false)
  const cookie = compileCookiePolicy(check, options)
  const throttle = compileThrottle(check, options.throttle, {
    timer: systemTimer,
    events: manner.events,
  })
  const { events, clock } = manner
  const emit = (event: AuthEvent): void => events.emit(event)
  const issuers = createIssuers(options, { check, timer: systemTimer, emit })
  const verifiedTokens = cacheLimits(check, options.verifiedTokens)
  const verifier = createJwtVerifier({ issuers, clock, verifiedTokens })

  function judge(req: IncomingMessage, res: ServerResponse): Outcome<VerifiedToken> {
    const credentialText = authorizationHeader(req)
    if (credentialText === undefined) return judgeCookie(req, res)
    if (typeof credentialText !== 'string') return credentialText
    const recalled = verifier.recall(credentialText)
    if (recalled !== undefined) return recalled
    const token = tokenOf(credentialText)
    if (token instanceof AuthError) return token
    const verdict = verify(req, token, 'header', credentialText)
    if (!(verdict instanceof AuthError) || verdict.reason !== 'malformed_token') return verdict
    // What cannot be read as a JWT is a bad request where it is no token68 either.
    return judgeToken68(token) ?? verdict
  }

  /** Only where no header came: a bad header never falls back to the cookie. */
  function judgeCookie(req: IncomingMessage, res: ServerResponse): Outcome<VerifiedToken> {
    if (cookie === undefined) return noCredential('no_credential')
    const token = cookieToken(req, res, cookie)
    if (token instanceof AuthError) return token
    // "\n" cannot start a header value, so cookie and header entries never share a cache key.
    const credentialText = `\n${token}`
    return verifier.recall(credentialText) ?? verify(req, token, 'cookie', credentialText)
  }

  function verify(
    req: IncomingMessage,
    token: string,
    transport: Credential['transport'],
    credentialText: string,
  ): Outcome<VerifiedToken> {
    const throttled = throttle?.throttles(req) ?? false
    const sender = new RequestSender(req, systemTimer.now())
    return verifier.verify({ token, transport, throttled, sender }, credentialText)
  }

  function accept(
    req: IncomingMessage,
    res: ServerResponse,
    token: VerifiedToken | undefined,
    next: () => void,
  ): void {
    const auth = token?.auth
    // Caches must keep no answer to a token; RFC 9111 §3.5 tells them so for headers, not for
    // cookies. A handler that knows better sets its own; a time-out may have answered meanwhile.
    if (auth !== undefined && !res.headersSent) res.setHeader('Cache-Control', 'no-store')
    if (auth !== undefined && events.active) {
      events.emit({ name: 'bearer.accepted', token: tokenFacts(auth) })
    }
    setAuthState(req, { auth, manner, memo: token })
    next()
  }

  function refuseCounted(exchange: Exchange, error: AuthError): void {
    const answer = (counted: AuthError): void =>
      refuseRequest('requireBearer', counted, manner, exchange)
    const counted = throttle?.answerTo(exchange.req, error) ?? error
    if (counted instanceof Promise) counted.then(answer, exchange.next)
    else answer(counted)
  }

  function refuse(exchange: Exchange, error: unknown): void {
    const { req, res, next } = exchange
    if (!(error instanceof AuthError)) next(error)
    else if (optional && error.code === 'no_credential') accept(req, res, undefined, next)
    else refuseCounted(exchange, error)
  }

  function settle(exchange: Exchange, verdict: Promise<VerifiedToken | AuthError>): void {
    const { req, res, next } = exchange
    const refused = (error: unknown): void => answerBy(next, () => refuse(exchange, error))
    const judged = (token: VerifiedToken | AuthError): void => {
      if (token instanceof AuthError) refused(token)
      else answerBy(next, () => accept(req, res, token, next))
    }
    verdict.then(judged, refused)
  }

  // A known token passes in the tick it came in, and nothing is allocated for what might have been.
  const guard: Middleware = function requireBearerMiddleware(req, res, next) {
    let verdict: Outcome<VerifiedToken>
    try {
      verdict = judge(req, res)
    } catch (error) {
      refuse({ req, res, next }, error)
      return
    }
    if (verdict instanceof Promise) settle({ req, res, next }, verdict)
    else if (verdict instanceof AuthError) refuse({ req, res, next }, verdict)
    else accept(req, res, verdict, next)
  }
  return Object.assign(guard, {
    ready: () => issuers.ready(),
    status: () => issuers.status(),
    close: () => issuers.close(),
  })
}

function cacheLimits(
  check: OptionCheck,
  option: BearerOptions['verifiedTokens'],
): TokenCacheLimits | undefined {
  if (option === false) return undefined
  const limits = option ?? {}
  check.known(limits, ['maxEntries', 'maxBytes'])
  const number = (name: 'maxEntries' | 'maxBytes', fallback: number, max: number): number =>
    check.number(`verifiedTokens.${name}`, limits[name], { fallback, min: 1, max, integer: true })
  return {
    maxEntries: number('maxEntries', 10_000, 1_000_000),
    maxBytes: number('maxBytes', 50_331_648, 2_147_483_648),
  }
}
