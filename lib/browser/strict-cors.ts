import type { IncomingMessage } from 'node:http'
import type { CorsOptions } from 'cors'
import { createEvents, printable, type AuthEvent } from '../core/events/events.js'
import { optionCheck, type OptionCheck } from '../core/options/option-check.js'
import { answerBy, toErrorHandler, type Middleware } from '../http/guard/middleware.js'
import { compileOrigins } from '../http/origin/judge-origin.js'
import { hostOf, isEncrypted, isLoopbackHost } from '../http/request/host.js'
import { addVary } from '../http/answer/vary.js'
import { optionalPeer } from './optional-peer.js'

export interface StrictCorsOptions {
  /** The origins whose pages may read our answers, exactly as browsers spell them. */
  readonly trustedOrigins: readonly string[]
  /** Lets these pages use cookies. Give the same list to `csrfGuard` or the cookie of `requireBearer`. @default false */
  readonly credentials?: boolean | undefined
  /** Methods that pages may use. @default GET, HEAD, PUT, PATCH, POST, DELETE */
  readonly methods?: readonly string[] | undefined
  /** Request headers that pages may send. @default those that a page asks for */
  readonly allowedHeaders?: readonly string[] | undefined
  /** Answer headers that pages may read, besides ours. @default [] */
  readonly exposedHeaders?: readonly string[] | undefined
  /** How long a browser remembers the answer to a preflight. @default 600 */
  readonly maxAgeSeconds?: number | undefined
  /**
   * Allows `http://` origins other than loopback ones: anybody on the network is a page of that kind.
   * @default false
   */
  readonly dangerouslyAllowPlainHttp?: boolean | undefined
  /** Told of requests by pages of other origins. */
  readonly onEvent?: ((event: AuthEvent) => void) | undefined
}

const OPTION_NAMES: readonly (keyof StrictCorsOptions)[] = [
  'trustedOrigins',
  'credentials',
  'methods',
  'allowedHeaders',
  'exposedHeaders',
  'maxAgeSeconds',
  'dangerouslyAllowPlainHttp',
  'onEvent',
]

/** What a front end needs in order to react to a refusal. */
const EXPOSED_HEADERS = [
  'WWW-Authenticate',
  'DPoP-Nonce',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'X-Request-Id',
]

/**
 * CORS by an exact list. Mount it before the guards: a preflight carries no token and is answered
 * here. Pages of other origins get no CORS header and no error; their requests are for `csrfGuard` to
 * judge, since CORS hides answers and stops no request.
 *
 * @example
 * const trustedOrigins = ['https://app.example.com']
 * app.use(strictCors({ trustedOrigins, credentials: true }), csrfGuard({ trustedOrigins }))
 *
 * @throws TypeError at construction, for `*`, patterns, `null`, and plain http that is not loopback.
 */
export function strictCors(options: StrictCorsOptions): Middleware {
  const check = optionCheck('strictCors')
  check.known(options, OPTION_NAMES)
  check.optionalFunction('onEvent', options.onEvent)
  const origins = compileAllowed(check, options)
  const events = createEvents(options.onEvent)
  const corsOptions = compileCorsOptions(check, options, origins)
  const loading = optionalPeer('strictCors', 'cors', import('cors'))
  const ready = loading.then(({ default: cors }) => cors(corsOptions))
  ready.catch(() => undefined)

  return function strictCorsMiddleware(req, res, next) {
    const { origin } = req.headers
    addVary(res, ['Origin'])
    if (origin === undefined) {
      next()
      return
    }
    if (origins.has(origin)) {
      const pass = (answer: Middleware): void => answerBy(next, () => answer(req, res, next))
      ready.then(pass, toErrorHandler(next))
      return
    }
    if (events.active && !isOwn(req, origin)) {
      events.emit({ name: 'cors.rejected', origin: printable(origin) })
    }
    if (isPreflight(req)) {
      res.statusCode = 204
      res.setHeader('Content-Length', '0')
      res.end()
      return
    }
    next()
  }
}

function compileCorsOptions(
  check: OptionCheck,
  options: StrictCorsOptions,
  origins: ReadonlySet<string>,
): CorsOptions {
  return {
    origin: [...origins],
    credentials: check.boolean('credentials', options.credentials, false),
    maxAge: check.number('maxAgeSeconds', options.maxAgeSeconds, {
      fallback: 600,
      min: 0,
      max: 86_400,
    }),
    exposedHeaders: [...EXPOSED_HEADERS, ...listOf(check, 'exposedHeaders', options)],
    ...(options.methods === undefined ? {} : { methods: listOf(check, 'methods', options) }),
    ...(options.allowedHeaders === undefined
      ? {}
      : { allowedHeaders: listOf(check, 'allowedHeaders', options) }),
  }
}

function compileAllowed(check: OptionCheck, options: StrictCorsOptions): ReadonlySet<string> {
  const origins = compileOrigins(check, 'trustedOrigins', options.trustedOrigins)
  if (origins.size === 0)
    check.refuse('trustedOrigins', 'list at least one origin', options.trustedOrigins)
  const allowsPlain = check.boolean(
    'dangerouslyAllowPlainHttp',
    options.dangerouslyAllowPlainHttp,
    false,
  )
  const plain = [...origins].find(
    (origin) => origin.startsWith('http://') && !isLoopbackHost(new URL(origin).host),
  )
  if (plain !== undefined && !allowsPlain) {
    check.refuse('trustedOrigins', 'be https, or set dangerouslyAllowPlainHttp', plain)
  }
  return origins
}

function listOf(
  check: OptionCheck,
  name: 'methods' | 'allowedHeaders' | 'exposedHeaders',
  options: StrictCorsOptions,
): string[] {
  const list = options[name] ?? []
  if (list.length === 0) return []
  const bad = check.strings(name, list).find((item) => !/^[A-Za-z0-9-]+$/.test(item))
  if (bad !== undefined) check.refuse(name, 'hold names, and no "*"', bad)
  return [...list]
}

/** Pages of our own send `Origin` too, with every post. */
function isOwn(req: IncomingMessage, origin: string): boolean {
  const scheme = isEncrypted(req) ? 'https' : 'http'
  return origin === `${scheme}://${hostOf(req)}`
}

function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}
