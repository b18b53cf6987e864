import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { atOnce } from '../../core/app-function.js'
import { AuthError } from '../../core/verdicts/errors.js'
import type { OptionCheck } from '../../core/options/option-check.js'
import { isRecord } from '../../core/values.js'
import { authState } from '../../http/guard/auth-state.js'
import { cookieValues, setCookie } from '../../http/request/cookies.js'
import { createCsrfTokens } from '../../http/secrets/csrf-token.js'
import type { Secret } from '../../http/secrets/secrets.js'

export interface CsrfTokenOptions {
  /** Newest first: the first signs, all verify. At least 32 bytes each. */
  readonly secrets: readonly Secret[]
  /**
   * Names the session that a token belongs to; must return a non-empty string.
   * @default `sid`, else `jti`, of the token that `requireBearer` verified in front; before login, a cookie of the guard's own, `__Host-Http-csrf_seed`
   */
  readonly bindTo?: ((req: IncomingMessage) => string) | undefined
  /** Where the token of a request is. @default the header `X-CSRF-Token`, else the field `_csrf` of a parsed form */
  readonly readToken?: ((req: IncomingMessage) => string | undefined) | undefined
}

/**
 * The binding of a visitor who has not logged in, so that a login form can have one: no page can log its
 * visitors in as somebody else. Only the server can set a cookie of this prefix.
 */
const SEED_COOKIE = '__Host-Http-csrf_seed'
const SEED = /^[A-Za-z0-9_-]{22}$/
const SEED_SECONDS = 86_400

type Received = IncomingMessage & { readonly body?: unknown }
type WithLocals = ServerResponse & { locals?: Record<string, unknown> }

export interface TokenMode {
  /** Gives templates `csrfToken()`. It is made when called, so that other pages stay cacheable. */
  prepare(req: IncomingMessage, res: WithLocals): void
  refusal(req: IncomingMessage): AuthError | undefined
}

export function createTokenMode(
  check: OptionCheck,
  options: CsrfTokenOptions | undefined,
): TokenMode {
  if (options === undefined) check.refuse('token', "be given in mode 'token'", options)
  check.known(options, ['secrets', 'bindTo', 'readToken'], {
    within: 'token',
    former: { seedCookie: 'bindTo' },
  })
  check.optionalFunction('token.bindTo', options.bindTo)
  check.optionalFunction('token.readToken', options.readToken)
  const tokens = createCsrfTokens(check, options.secrets)
  const { bindTo, readToken = tokenOf } = options

  /** The kind in front keeps one kind of session from passing for another of the same name. */
  function bindingOf(req: IncomingMessage): string | undefined {
    if (bindTo !== undefined) return bindingTo(atOnce(bindTo(req)))
    const auth = authState(req)?.auth
    if (auth !== undefined) return `auth:${auth.issuer}|${auth.sessionId ?? auth.tokenId}`
    const seed = seedOf(req)
    return seed === undefined ? undefined : `seed:${seed}`
  }

  return {
    prepare(req, res) {
      let seed: string | undefined
      res.locals ??= {}
      res.locals['csrfToken'] = () => {
        const binding = bindingOf(req)
        if (binding !== undefined) return tokens.issue(binding)
        if (bindTo !== undefined) throw new Error(NO_SESSION)
        seed ??= plantSeed(res)
        return tokens.issue(`seed:${seed}`)
      }
    },
    refusal(req) {
      const token = atOnce(readToken(req))
      if (typeof token !== 'string' || token === '') {
        return refused('csrf_token_missing', 'Put res.locals.csrfToken() into the form as _csrf')
      }
      const binding = bindingOf(req)
      if (binding !== undefined && tokens.verify(token, binding)) return undefined
      return refused(
        'csrf_token_invalid',
        'The token is of another session, of none, or of an old secret',
      )
    },
  }
}

function refused(code: 'csrf_token_missing' | 'csrf_token_invalid', detail: string): AuthError {
  return new AuthError(code, { reason: code, detail })
}

/** The query is never read: URLs end up in logs, histories and `Referer`. */
function tokenOf({ headers, body }: Received): string | undefined {
  const header = headers['x-csrf-token']
  if (header !== undefined) return String(header)
  const field = isRecord(body) ? body['_csrf'] : undefined
  return typeof field === 'string' ? field : undefined
}

function seedOf(req: IncomingMessage): string | undefined {
  const [seed, ...others] = cookieValues(req.headers.cookie, SEED_COOKIE)
  return seed !== undefined && others.length === 0 && SEED.test(seed) ? seed : undefined
}

function plantSeed(res: ServerResponse): string {
  const seed = randomBytes(16).toString('base64url')
  setCookie(res, SEED_COOKIE, seed, {
    secure: true,
    sameSite: 'lax',
    maxAgeSeconds: SEED_SECONDS,
  })
  return seed
}

const NO_SESSION =
  'csrfGuard: "token.bindTo" returned no session. Return the id of one, or mount csrfGuard behind what makes it'

/**
 * A token bound to no session in particular would be everybody's: none is made, which is the app's
 * mistake. A request without one, be it that its session has ended, is refused like any other.
 */
function bindingTo(session: unknown): string | undefined {
  return typeof session === 'string' && session !== '' ? `app:${session}` : undefined
}
