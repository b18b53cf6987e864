import { createHmac } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { systemTimer } from '../core/clock.js'
import { atOnce } from '../core/app-function.js'
import { optionCheck, pickDefined, type OptionCheck } from '../core/options/option-check.js'
import { sha256 } from '../core/sha256.js'
import { isSafeRequest } from '../http/origin/request-origin.js'
import { createResponder, type ResponderOptions } from '../http/guard/responder.js'
import { toErrorHandler, type Middleware } from '../http/guard/middleware.js'
import { addressOf, networkOf } from '../http/request/client-network.js'
import { createAddressWarnings } from '../http/throttle/address-warnings.js'
import { deriveKeys, type Secret } from '../http/secrets/secrets.js'
import { createSharedRedis, type SharedRedis } from '../http/throttle/shared-redis.js'
import { createAdmission, type IsFailure, type Limited } from './admission.js'
import { attemptLimit } from './attempt-limit.js'

export type AuthRateLimitPreset = 'login' | 'token' | 'register' | 'refresh'

export interface AuthRateLimitOptions extends Pick<
  ResponderOptions,
  'errorFormat' | 'onEvent' | 'advice' | 'onRefuse'
> {
  /**
   * Shares the counts between processes; while it does not answer, each counts for itself. A URL, a
   * client of ioredis or node-redis (duplicated, never used itself) or a factory. @default this process
   */
  readonly redis?: SharedRedis | undefined
  /** Makes HMACs of the addresses and accounts in `redis`, at least 32 bytes. @default plain digests of them */
  readonly secret?: Secret | undefined
  /**
   * Which account an attempt is at, like a user name in a parsed body: gets a limit of its own. Must
   * return what the login looks up, so trim and fold it here if the login does.
   */
  readonly account?: ((req: IncomingMessage) => string | undefined) | undefined
  /**
   * What counts as a failure, besides an attempt whose sender hung up before the answer. @default an
   * answer of 400 to 499, but for 429; for 'register' of 200 to 499 to any method but GET, HEAD and OPTIONS
   */
  readonly isFailure?: ((req: IncomingMessage, res: ServerResponse) => boolean) | undefined
  /** Failures of one network (IPv4 address or IPv6 /56) in a window. @default 20; 60 for 'token' and 'refresh' */
  readonly failuresPerNetwork?: number | undefined
  /** Failures of one network at one account in a window. @default 5 */
  readonly failuresPerAccount?: number | undefined
  /** Length of a window, in seconds. @default 900 */
  readonly windowSeconds?: number | undefined
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
  'advice',
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
 * Slows down guessing at `/login`, `/token` and the like. An attempt takes a place when it begins,
 * and gives it back unless it fails. A request that comes while all places are taken by attempts under
 * way waits for up to 10 s. So guesses sent at once do not all get through, and good attempts that come
 * at once are not refused for each other. Mount it in front of the handler, behind the body parser where
 * `account` reads the body, on Express.
 *
 * | refused because                              | status | with                         |
 * | -------------------------------------------- | ------ | ---------------------------- |
 * | too many failures of this network            | 429    | `Retry-After`, `RateLimit`   |
 * | too many failures of it at this account      | 429    | `Retry-After`, `RateLimit`   |
 *
 * There is no limit by account alone: anybody could lock out anybody with it.
 *
 * @example
 * app.post('/login', authRateLimit('login', { redis, account: (req) => req.body?.username }), handler)
 *
 * @throws TypeError at construction, for an unknown preset or option.
 */
export function authRateLimit(
  preset: AuthRateLimitPreset,
  options: AuthRateLimitOptions = {},
): Middleware {
  const check = optionCheck('authRateLimit')
  check.oneOf('preset', preset, ['login', 'token', 'register', 'refresh'], preset)
  check.known(options, OPTION_NAMES)
  check.optionalFunction('account', options.account)
  check.optionalFunction('isFailure', options.isFailure)
  const { account } = options
  const digest = createDigest(check, options.secret)
  const context = {
    redis:
      options.redis === undefined
        ? undefined
        : createSharedRedis(check, options.redis, { option: 'redis', timer: systemTimer }),
    windowMs: 1000 * check.number('windowSeconds', options.windowSeconds, WINDOW_SECONDS),
    responder: createResponder(
      check,
      pickDefined(options, ['errorFormat', 'onEvent', 'advice', 'onRefuse']),
    ),
  }
  const byNetwork = attemptLimit({
    ...context,
    name: `${preset}-network`,
    limit: check.number('failuresPerNetwork', options.failuresPerNetwork, {
      ...LIMIT,
      fallback: FAILURES_PER_NETWORK[preset],
    }),
  })
  const limit = check.number('failuresPerAccount', options.failuresPerAccount, {
    ...LIMIT,
    fallback: 5,
  })
  const byAccount = account && attemptLimit({ ...context, name: `${preset}-account`, limit })
  const admit = createAdmission(options.isFailure ?? IS_FAILURE[preset])
  const warnOfAddress = createAddressWarnings('authRateLimit')

  return function authRateLimitMiddleware(req, res, next) {
    warnOfAddress(req)
    const network = networkOf(addressOf(req))
    const limited: Limited[] = [{ limit: byNetwork, key: digest(network) }]
    if (account !== undefined && byAccount !== undefined) {
      let name: unknown
      try {
        name = atOnce<unknown>(account(req))
      } catch (failure) {
        toErrorHandler(next)(failure)
        return
      }
      limited.push({ limit: byAccount, key: digest(accountKey(network, name)) })
    }
    admit(limited, { req, res, next })
  }
}

const IS_FAILURE: Readonly<Record<AuthRateLimitPreset, IsFailure>> = {
  login: isClientError,
  token: isClientError,
  register: isRegistration,
  refresh: isClientError,
}

function isClientError(_req: IncomingMessage, { statusCode }: ServerResponse): boolean {
  return statusCode >= 400 && statusCode < 500
}

/** Accounts made by the hundred are the attack, more than names that are tried; pages to read are not. */
function isRegistration(req: IncomingMessage, { statusCode }: ServerResponse): boolean {
  return !isSafeRequest(req) && statusCode >= 200 && statusCode < 500
}

const WINDOW_SECONDS = { fallback: 900, min: 1, max: 86_400 }
const LIMIT = { min: 1, max: 1_000_000, integer: true }

/** Longer names are no account's, and Unicode's NFKC takes a second for 100 kB of combining marks. */
const MAX_NAME_CHARS = 256

/** One account spelt in two ways is one. */
function accountKey(network: string, account: unknown): string {
  const name = typeof account === 'string' ? spelling(account) : ''
  return `${name.length}|${name}|${network}`
}

function spelling(account: string): string {
  return account.length > MAX_NAME_CHARS ? account : account.normalize('NFKC').toLowerCase()
}

/**
 * The counted key is also stored, so it is never the name or the address itself; and with a secret it is
 * none that could be found by trying all addresses.
 */
function createDigest(check: OptionCheck, secret: Secret | undefined): (key: string) => string {
  if (secret === undefined) return sha256
  const [derived] = deriveKeys(check, 'secret', [secret], 'rate-limit/v1')
  return (key) => createHmac('sha256', derived).update(key).digest('base64url')
}
