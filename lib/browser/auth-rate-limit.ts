import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RateLimitRequestHandler } from 'express-rate-limit'
import { AuthError } from '../core/errors.js'
import { optionCheck, type OptionCheck } from '../core/options.js'
import { refuseRequest, type Manner } from '../http/auth-state.js'
import { compileManner, type MannerOptions } from '../http/manner.js'
import type { Middleware } from '../http/middleware.js'
import { addressOf, networkOf } from '../http/network.js'
import { createProxyWarning } from '../http/proxy-warning.js'
import { deriveKeys, type Secret } from '../http/secrets.js'
import type { RateLimitRedis } from '../http/shared-failures.js'
import { FailureStore } from './failure-store.js'
import { optionalPeer } from './optional-peer.js'

export type AuthRateLimitPreset = 'login' | 'token' | 'register' | 'refresh'

export interface AuthRateLimitOptions extends Pick<
  MannerOptions,
  'errorFormat' | 'onEvent' | 'onRefuse'
> {
  /** Shares the counts between processes; while it does not answer, each counts for itself. @default this process */
  readonly redis?: RateLimitRedis
  /** Makes HMACs of the addresses and accounts in `redis`, at least 32 bytes. @default plain digests of them */
  readonly secret?: Secret
  /** Which account an attempt is at, like a user name in a parsed body: gets a limit of its own. */
  readonly account?: (req: IncomingMessage) => string | undefined
  /** What counts as a failure. @default an answer of 400 to 499, but for 429 */
  readonly isFailure?: (req: IncomingMessage, res: ServerResponse) => boolean
  /** Failures of one network (IPv4 address or IPv6 /56) in a window. @default 20; 60 for 'token' and 'refresh' */
  readonly failuresPerNetwork?: number
  /** Failures of one network at one account in a window. @default 5 */
  readonly failuresPerAccount?: number
  /** @default 900 */
  readonly windowSeconds?: number
}

const OPTION_NAMES: readonly (keyof AuthRateLimitOptions)[] = [
  'redis',
  'secret',
  'account',
  'isFailure',
  'failuresPerNetwork',
  'failuresPerAccount',
  'windowSeconds',
  'errorFormat',
  'onEvent',
  'onRefuse',
]

/** Machines behind one address share token endpoints; people who mistype passwords are fewer. */
const FAILURES_PER_NETWORK: Readonly<Record<AuthRateLimitPreset, number>> = {
  login: 20,
  token: 60,
  register: 20,
  refresh: 60,
}

/**
 * Slows down guessing at `/login`, `/token` and the like. Only failures count, once they are
 * failures: parallel good attempts are never refused for each other. Mount it in front of the
 * handler, behind the body parser where `account` reads the body, on Express.
 *
 * | refused because                              | status | with                         |
 * | -------------------------------------------- | ------ | ---------------------------- |
 * | too many failures of this network            | 429    | `Retry-After`, `RateLimit`   |
 * | too many failures of it at this account      | 429    | `Retry-After`, `RateLimit`   |
 *
 * There is no limit by account alone: anybody could lock out anybody with it.
 *
 * @example
 * app.post('/login', authRateLimit('login', { redis, account: (req) => req.body.username }), handler)
 *
 * @throws TypeError at construction, for an unknown preset or option.
 */
export function authRateLimit(
  preset: AuthRateLimitPreset,
  options: AuthRateLimitOptions = {},
): Middleware {
  const check = optionCheck('authRateLimit')
  check.known(options, OPTION_NAMES)
  check.oneOf('preset', preset, ['login', 'token', 'register', 'refresh'], preset)
  check.optionalFunction('account', options.account)
  check.optionalFunction('isFailure', options.isFailure)
  const { errorFormat, onEvent, onRefuse, account, redis } = options
  const keyOf = compileDigest(check, options.secret)
  const context = {
    redis,
    windowMs: 1000 * check.number('windowSeconds', options.windowSeconds, WINDOW_SECONDS),
    isFailure: options.isFailure ?? isClientError,
    warnOfProxy: createProxyWarning('authRateLimit'),
    manner: compileManner(check, {
      ...(errorFormat === undefined ? {} : { errorFormat }),
      ...(onEvent === undefined ? {} : { onEvent }),
      ...(onRefuse === undefined ? {} : { onRefuse }),
    }),
  }
  const byNetwork = failureLimit({
    ...context,
    name: `${preset}-network`,
    limit: check.number('failuresPerNetwork', options.failuresPerNetwork, {
      ...LIMIT,
      fallback: FAILURES_PER_NETWORK[preset],
    }),
    keyOf: (req) => keyOf(networkKey(req)),
  })
  const limit = check.number('failuresPerAccount', options.failuresPerAccount, {
    ...LIMIT,
    fallback: 5,
  })
  if (account === undefined) return byNetwork
  const byAccount = failureLimit({
    ...context,
    name: `${preset}-account`,
    limit,
    keyOf: (req) => keyOf(accountKey(networkKey(req), account(req))),
  })

  return function authRateLimitMiddleware(req, res, next) {
    byNetwork(req, res, (error) => {
      if (error === undefined) byAccount(req, res, next)
      else next(error)
    })
  }
}

const WINDOW_SECONDS = { fallback: 900, min: 1, max: 86_400 }
const LIMIT = { min: 1, max: 1_000_000, integer: true }

interface FailureLimit {
  readonly name: string
  readonly limit: number
  readonly windowMs: number
  readonly keyOf: (req: IncomingMessage) => string
  readonly isFailure: (req: IncomingMessage, res: ServerResponse) => boolean
  readonly redis: RateLimitRedis | undefined
  readonly warnOfProxy: (req: IncomingMessage) => void
  readonly manner: Manner
}

function failureLimit(options: FailureLimit): Middleware {
  const { name, limit, windowMs, keyOf, isFailure, redis, warnOfProxy, manner } = options
  const store = new FailureStore({ limiter: name, windowMs, redis, events: manner.events })
  const loading = optionalPeer('authRateLimit', 'express-rate-limit', import('express-rate-limit'))
  const ready = loading.then(({ rateLimit }) =>
    rateLimit({
      store,
      limit,
      windowMs,
      identifier: name,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      keyGenerator: keyOf,
      handler: (req, res, next) => {
        const error = new AuthError('too_many_requests', {
          reason: 'rate_limited',
          detail: `Too many failures, by ${name}`,
          retryAfterSeconds: Number(res.getHeader('Retry-After') ?? windowMs / 1000),
        })
        refuseRequest('authRateLimit', error, manner, { req, res, next })
      },
    }),
  )
  ready.catch(() => undefined)

  return function failureLimitMiddleware(req, res, next) {
    warnOfProxy(req)
    res.once('finish', () => {
      const refused = res.statusCode === 429
      if (!refused && isFailure(req, res)) void store.fail(keyOf(req))
    })
    if (isExpressRequest(req) && isExpressResponse(res)) {
      ready.then((limiter) => limiter(req, res, next), next)
    } else next(new Error('authRateLimit: express-rate-limit works on Express only'))
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

function isClientError(_req: IncomingMessage, res: ServerResponse): boolean {
  return res.statusCode >= 400 && res.statusCode < 500
}

function networkKey(req: IncomingMessage): string {
  return networkOf(addressOf(req))
}

/** One account spelt in two ways is one. */
function accountKey(network: string, account: unknown): string {
  const name = typeof account === 'string' ? account.normalize('NFKC').toLowerCase() : ''
  return `${name.length}|${name}|${network}`
}

/**
 * What is counted is also stored, so it is never the name or the address itself; and with a secret it
 * is none that could be found by trying all addresses.
 */
function compileDigest(check: OptionCheck, secret: Secret | undefined): (key: string) => string {
  if (secret === undefined) return (key) => createHash('sha256').update(key).digest('base64url')
  const [derived] = deriveKeys(check, 'secret', [secret], 'rate-limit/v1')
  return (key) => createHmac('sha256', derived).update(key).digest('base64url')
}
