import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RateLimitRequestHandler } from 'express-rate-limit'
import { AuthError } from '../core/verdicts/errors.js'
import { toErrorHandler } from '../http/guard/middleware.js'
import type { Exchange, Responder } from '../http/guard/responder.js'
import type { RateLimitRedis } from '../http/throttle/shared-script.js'
import { AttemptStore, type Place } from './attempt-store.js'
import { optionalPeer } from './optional-peer.js'

export interface AttemptLimitOptions {
  readonly name: string
  readonly limit: number
  readonly windowMs: number
  readonly redis: RateLimitRedis | undefined
  readonly responder: Responder
}

/** Takes a place under a key and calls `begin` with it, or answers 429. */
export type AttemptLimit = (key: string, exchange: Exchange, begin: (place: Place) => void) => void

/** One limit by express-rate-limit, which writes the headers; the store says which attempt may begin. */
export function attemptLimit(options: AttemptLimitOptions): AttemptLimit {
  const { name, limit, windowMs, redis, responder } = options
  const store = new AttemptStore({
    limiter: name,
    limit,
    windowMs,
    redis,
    events: responder.events,
  })
  const keys = new WeakMap<IncomingMessage, string>()
  const loading = optionalPeer('authRateLimit', 'express-rate-limit', import('express-rate-limit'))
  const ready = loading.then(({ rateLimit }) =>
    rateLimit({
      store,
      limit,
      windowMs,
      identifier: name,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      keyGenerator: (req) => keys.get(req) ?? '',
      handler: (req, res, next) => {
        const error = new AuthError('too_many_requests', {
          reason: 'rate_limited',
          detail: `Too many failures or attempts under way, by ${name}`,
          retryAfterSeconds: Number(res.getHeader('Retry-After') ?? windowMs / 1000),
        })
        responder.refuse('authRateLimit', error, { req, res, next })
      },
    }),
  )
  ready.catch(() => undefined)

  return (key, { req, res, next }, begin) => {
    if (!isExpressRequest(req) || !isExpressResponse(res)) {
      next(new Error('authRateLimit: express-rate-limit works on Express only'))
      return
    }
    keys.set(req, key)
    const judged = (error?: unknown): void => {
      const place = error === undefined ? store.claim(key) : undefined
      if (place === undefined) next(error)
      else begin(place)
    }
    ready.then((limiter) => limiter(req, res, judged), toErrorHandler(next))
  }
}

/** express-rate-limit writes its headers by methods of Express. */
function isExpressRequest(
  req: IncomingMessage,
): req is IncomingMessage & Parameters<RateLimitRequestHandler>[0] {
  return 'app' in req
}

function isExpressResponse(
  res: ServerResponse,
): res is ServerResponse & Parameters<RateLimitRequestHandler>[1] {
  return 'append' in res
}
