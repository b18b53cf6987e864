import type { IncomingMessage } from 'node:http'
import type { Auth } from '../core/auth.js'
import { systemTimer } from '../core/clock.js'
import { AuthError } from '../core/errors.js'
import { tokenFacts } from '../core/events.js'
import { optionCheck } from '../core/options.js'
import { refuseRequest, setAuthState } from '../http/auth-state.js'
import { bearerToken } from '../http/credentials.js'
import { compileManner, type MannerOptions } from '../http/manner.js'
import type { Middleware } from '../http/middleware.js'
import type { KeySourceStatus } from '../keys/key-source.js'
import { compileIssuer } from '../tokens/compile-issuer.js'
import { ISSUER_OPTION_NAMES, type IssuerOptions } from '../tokens/issuer-options.js'
import type { IssuerPolicy } from '../tokens/issuer-policy.js'
import { createJwtVerifier } from '../tokens/jwt.js'

export type RequireBearerOptions = IssuerOptions & BearerOptions

export interface BearerOptions extends MannerOptions {
  /**
   * Lets a request without a token pass as anonymous. A bad token is refused all the same, and an
   * outage is 503: neither is ever taken for "no token". @default false
   */
  readonly optional?: boolean
}

/** A guard that also tells how its keys are doing. */
export interface BearerGuard extends Middleware {
  /** Resolves once the issuer's keys are there; rejects when they cannot be had. For start-up checks. */
  ready(): Promise<void>
  /** The state of the issuer's keys, for health checks. */
  status(): KeySourceStatus
  /** Stops refreshing keys in the background. Needed only where a guard is thrown away. */
  close(): void
}

const BEARER_OPTION_NAMES: readonly (keyof BearerOptions)[] = [
  'optional',
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
 *
 * @example
 * app.use('/api', requireBearer({ issuer: 'https://id.example.com', audience: 'https://api.example.com' }))
 *
 * @throws TypeError at construction, for an unknown, missing or contradictory option.
 * @see RFC 6750 §2.1 and §3, RFC 9068 §4, RFC 8725 §3
 */
export function requireBearer(options: RequireBearerOptions): BearerGuard {
  const check = optionCheck('requireBearer')
  check.known(options, [...ISSUER_OPTION_NAMES, ...BEARER_OPTION_NAMES])
  const manner = compileManner(check, options)
  const optional = check.boolean('optional', options.optional, false)
  const { events, clock } = manner
  const policy = compileIssuer(options, {
    check,
    timer: systemTimer,
    emit: (event) => events.emit(event),
  })
  const verifier = createJwtVerifier({
    policyFor: (issuer) => (policy.issuers.includes(issuer) ? policy : undefined),
    explainIssuer: (issuer) => explainIssuer(issuer, policy),
    clock,
  })

  function accept(req: IncomingMessage, auth: Auth | undefined, next: () => void): void {
    if (auth !== undefined && events.active) {
      events.emit({ name: 'bearer.accepted', token: tokenFacts(auth) })
    }
    setAuthState(req, { auth, manner })
    next()
  }

  const guard: Middleware = function requireBearerMiddleware(req, res, next) {
    const failed = (error: unknown): void => {
      if (!(error instanceof AuthError)) next(error)
      else if (optional && error.code === 'no_credential') accept(req, undefined, next)
      else refuseRequest('requireBearer', error, manner, { req, res, next })
    }
    let verdict: Auth | Promise<Auth>
    try {
      verdict = verifier.verify({ token: bearerToken(req), transport: 'header' })
    } catch (error) {
      failed(error)
      return
    }
    if (verdict instanceof Promise) verdict.then((auth) => accept(req, auth, next), failed)
    else accept(req, verdict, next)
  }
  return Object.assign(guard, {
    ready: () => policy.keys.ready(),
    status: () => policy.keys.status(),
    close: () => policy.keys.close(),
  })
}

/** The commonest first-run mistake of all is a slash too many or too few, so it is named. */
function explainIssuer(issuer: string, { issuers }: IssuerPolicy): string {
  const twin = issuers.find((known) => known === `${issuer}/` || `${known}/` === issuer)
  if (twin !== undefined) {
    return `The issuer differs only by a trailing slash: expected ${twin}, got ${issuer}`
  }
  return `Expected issuer ${issuers.join(' or ')}, got ${issuer === '' ? 'none' : issuer}`
}
