import type { IncomingMessage, ServerResponse } from 'node:http'
import { AuthError } from '../core/verdicts/errors.js'
import { optionCheck } from '../core/options/option-check.js'
import type { Outcome } from '../core/verdicts/outcome.js'
import { sendNonce } from '../http/answer/nonce.js'
import { addVary } from '../http/answer/vary.js'
import { withFacts } from '../http/guard/facts.js'
import { setAuthState } from '../http/guard/auth-state.js'
import { isHandshake } from '../http/guard/handshake.js'
import { answerBy, toErrorHandler, type Middleware } from '../http/guard/middleware.js'
import { withProtection } from '../http/guard/protection.js'
import { createResponder, type Exchange } from '../http/guard/responder.js'
import { authorizationHeader } from '../http/request/credentials.js'
import { NodeHead } from '../http/request/node-head.js'
import { createAddressWarnings } from '../http/throttle/address-warnings.js'
import type { VerifiedToken } from '../tokens/access/entries.js'
import type { IssuerStatus } from '../tokens/issuers/registry/registry.js'
import { createProofs } from '../tokens/proof/proofs.js'
import { createDecision } from './bearer/decision.js'
import { bearerFacts } from './bearer/facts.js'
import { schemesOf } from './bearer/schemes.js'
import { KNOWN_BEARER_OPTIONS, type RequireBearerOptions } from './bearer/options.js'

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

interface Judged extends Exchange {
  readonly startedAt: number
}

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
 * | `cookie`, `header`: a foreign page sent it         | 403    | none                      |
 *
 * @example
 * app.use('/api', requireBearer({ issuer: 'https://id.example.com', audience: 'https://api.example.com' }))
 *
 * @throws TypeError at construction, for an unknown, missing or contradictory option.
 * @see RFC 6750 §2.1 and §3, RFC 9068 §4, RFC 8725 §3
 */
export function requireBearer(options: RequireBearerOptions): BearerGuard {
  const check = optionCheck('requireBearer')
  check.known(options, KNOWN_BEARER_OPTIONS)
  const proofs = createProofs(check, options)
  const responder = createResponder(check, options, schemesOf(proofs))
  const { events } = responder
  const optional = check.boolean('optional', options.optional, false)
  const decision = createDecision(check, options, responder, proofs)
  const { source, readsAuthorization } = decision
  const warnOfAddress =
    options.throttle === undefined ? undefined : createAddressWarnings('requireBearer')

  function judge(req: IncomingMessage, res: ServerResponse): Outcome<VerifiedToken> {
    const authorization = readsAuthorization ? authorizationHeader(req) : undefined
    if (typeof authorization === 'string') {
      const known = source.recall(authorization)
      if (known !== undefined) return known
    }
    warnOfAddress?.(req)
    const head = new NodeHead(req)
    if (authorization === undefined && decision.readsWelded) addVary(res, decision.vary(head))
    return decision.judge(head, authorization)
  }

  function accept(
    req: IncomingMessage,
    res: ServerResponse,
    token: VerifiedToken | undefined,
    next: () => void,
    startedAt: number,
  ): void {
    const auth = token?.auth
    // Caches must keep no answer to a token; RFC 9111 §3.5 tells them so for headers, not for
    // cookies. A handler that knows better sets its own; a time-out may have answered meanwhile.
    if (auth !== undefined && !res.headersSent) res.setHeader('Cache-Control', 'no-store')
    if (token?.nonce !== undefined) sendNonce(res, token.nonce)
    if (auth !== undefined) events.accepted('requireBearer', auth, req, startedAt)
    setAuthState(req, { auth, responder, token, res, denylist: undefined })
    next()
  }

  function refuse(exchange: Judged, error: AuthError): void {
    const { req, res, next, startedAt } = exchange
    if (!isHandshake(res) && responder.publication?.serve(req, res) === true) return
    if (optional && error.code === 'no_credential') {
      accept(req, res, undefined, next, startedAt)
      return
    }
    const answer = (counted: AuthError): void =>
      responder.refuse('requireBearer', counted, exchange)
    const counted = decision.counted(new NodeHead(exchange.req), error)
    if (counted instanceof Promise) counted.then(answer, toErrorHandler(exchange.next))
    else answer(counted)
  }

  function settle(exchange: Judged, verdict: Promise<VerifiedToken | AuthError>): void {
    const { req, res, next, startedAt } = exchange
    const judged = (token: VerifiedToken | AuthError): void =>
      answerBy(next, () => {
        if (token instanceof AuthError) refuse(exchange, token)
        else accept(req, res, token, next, startedAt)
      })
    verdict.then(judged, toErrorHandler(next))
  }

  // A known token passes in the tick it came in, and nothing is allocated for what might have been.
  const guard: Middleware = function requireBearerMiddleware(req, res, next) {
    const startedAt = events.now()
    let verdict: Outcome<VerifiedToken>
    try {
      verdict = judge(req, res)
    } catch (error) {
      toErrorHandler(next)(error)
      return
    }
    if (verdict instanceof Promise) settle({ req, res, next, startedAt }, verdict)
    else if (verdict instanceof AuthError) refuse({ req, res, next, startedAt }, verdict)
    else accept(req, res, verdict, next, startedAt)
  }
  const bearer = Object.assign(guard, {
    ready: () => source.ready(),
    status: () => source.status(),
    close: () => source.close(),
  })
  withFacts(bearer, () => [bearerFacts(options, source.policies, proofs)])
  return withProtection(bearer, {
    issuers: source.issuers,
    dpop: proofs.dpopAlgorithms && {
      algorithms: proofs.dpopAlgorithms,
      required: options.dpop?.mode === 'require',
    },
    mtls: proofs.mtls,
    responder,
  })
}
