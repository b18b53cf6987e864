import type { IncomingMessage, ServerResponse } from 'node:http'
import { acrossCopies } from '../core/across-copies.js'
import { systemClock, type Clock } from '../core/clock.js'
import { optionCheck, type OptionCheck } from '../core/options/option-check.js'
import {
  setCookie,
  type ClearableCookie,
  type CookieAttributes,
  type ReadableCookie,
} from '../http/request/cookies.js'
import { B64TOKEN } from '../http/request/credentials.js'
import { createSeal } from '../http/secrets/seal.js'
import type { Secret } from '../http/secrets/secrets.js'
import { hostOf, isEncrypted, isLoopbackHost } from '../http/request/host.js'

export interface TokenCookieOptions {
  /** Must begin with `__Host-`, which keeps sibling subdomains from planting it. @default '__Host-Http-access_token' */
  readonly name?: string | undefined
  /**
   * `strict`: no other site's link carries the cookie, and the first page after a login elsewhere
   * lacks it too; see `loginRedirect`. @default 'strict'
   */
  readonly sameSite?: CookieAttributes['sameSite'] | undefined
  /** The cookie ends with its token, or earlier after this time. @default the life of the token */
  readonly maxAgeSeconds?: number | undefined
  /**
   * Encrypts the token (A256GCM), so that what a browser keeps on disk, and what a log shows of a
   * header, is none. Secrets of 32 bytes or more, newest first: the first seals, all open. About
   * 3 kB of token fit. @default the token as it is
   */
  readonly seal?: readonly Secret[] | undefined
  /**
   * A proxy in front speaks TLS, and nobody reaches this server around it. Express apps set `trust
   * proxy` instead. @default false
   */
  readonly behindTls?: boolean | undefined
  /**
   * For Safari on http://localhost, which drops `Secure` cookies there: a cookie without prefix and
   * `Secure`, that is written to loopback hosts alone. Its default name is `access_token`. @default false
   */
  readonly plainLoopback?: boolean | undefined
  /** Wall time in seconds, for tests. @default the system's */
  readonly clock?: Clock | undefined
}

/** Writes and clears the cookie that `requireBearer({ cookie })` reads. */
export interface TokenCookie extends ClearableCookie, ReadableCookie {
  /**
   * Sets the cookie on this response.
   *
   * @throws TokenCookieTooLarge where a browser would drop it, Error over plain http, except to a loopback host.
   */
  set(res: ServerResponse, token: string, lifetime: { readonly expiresAt: number }): void
}

/** Browsers drop that cookie without a word, and its owner logs in again and again. */
export class TokenCookieTooLarge extends RangeError {
  override readonly name = 'TokenCookieTooLarge'
}
acrossCopies(TokenCookieTooLarge, 'TokenCookieTooLarge')

/** RFC 6265bis §5.5: the most octets that name and value may have together. */
const MAX_COOKIE_BYTES = 4096

/** RFC 6265bis §5.5: browsers shorten whatever is longer. */
const MAX_AGE_SECONDS = 400 * 86_400

const OPTION_NAMES: readonly (keyof TokenCookieOptions)[] = [
  'name',
  'sameSite',
  'maxAgeSeconds',
  'seal',
  'behindTls',
  'plainLoopback',
  'clock',
]

/**
 * The cookie for an access token: for this host alone, out of reach of scripts, never over plain
 * http. The `__Host-Http-` prefix makes browsers enforce that: neither a script nor a sibling
 * subdomain can plant a cookie of that name.
 *
 * @example
 * const cookie = tokenCookie()
 * cookie.set(res, tokens.access_token, { expiresAt })      // after login
 * app.use('/api', requireBearer({ issuer, audience, cookie }))
 *
 * @throws TypeError at construction, for a name or attributes that browsers would refuse.
 */
export function tokenCookie(options: TokenCookieOptions = {}): TokenCookie {
  const check = optionCheck('tokenCookie')
  check.known(options, OPTION_NAMES)
  check.optionalFunction('clock', options.clock)
  const { clock = systemClock } = options
  const plain = check.boolean('plainLoopback', options.plainLoopback, false)
  const behindTls = check.boolean('behindTls', options.behindTls, false)
  const name = compileName(check, options.name, plain)
  const sameSite = check.oneOf('sameSite', options.sameSite, SAME_SITE, 'strict')
  if (plain && sameSite === 'none') {
    check.refuse(
      'sameSite',
      "be 'strict' or 'lax' with plainLoopback: 'none' needs Secure",
      sameSite,
    )
  }
  const maxAgeSeconds = check.number('maxAgeSeconds', options.maxAgeSeconds, {
    fallback: MAX_AGE_SECONDS,
    min: 1,
    max: MAX_AGE_SECONDS,
    integer: true,
  })
  const attributes = { secure: !plain, sameSite }
  const seal =
    options.seal === undefined ? undefined : createSeal(check, 'seal', options.seal, name)

  return {
    name,
    open: seal === undefined ? undefined : (value) => seal.open(value),
    set(res, token, { expiresAt }) {
      if (!B64TOKEN.test(token)) throw new TypeError('tokenCookie: the value to set is no token')
      const value = seal === undefined ? token : seal.seal(token)
      const bytes = name.length + value.length
      if (bytes > MAX_COOKIE_BYTES) {
        throw new TokenCookieTooLarge(
          `tokenCookie: name and value have ${bytes} bytes, and browsers drop cookies over ${MAX_COOKIE_BYTES}. Let the issuer put less into the token, or keep it on the server`,
        )
      }
      const secondsLeft = Math.floor(expiresAt - clock())
      if (!(secondsLeft > 0)) throw new RangeError('tokenCookie: the token has expired')
      ensureTransport(res.req, { plain, behindTls })
      setCookie(res, name, value, {
        ...attributes,
        maxAgeSeconds: Math.min(secondsLeft, maxAgeSeconds),
      })
    },
    clear(res) {
      setCookie(res, name, '', { ...attributes, maxAgeSeconds: 0 })
    },
  }
}

const SAME_SITE = ['strict', 'lax', 'none'] as const

function compileName(check: OptionCheck, option: string | undefined, plain: boolean): string {
  if (option === undefined) return plain ? 'access_token' : '__Host-Http-access_token'
  const name = check.string('name', option)
  if (!/^[A-Za-z0-9_.-]+$/.test(name))
    check.refuse('name', 'be letters, digits, "_", "." and "-"', name)
  if (plain && name.startsWith('__')) {
    check.refuse('name', 'have no prefix with plainLoopback: prefixes need Secure', name)
  }
  if (!plain && !name.startsWith('__Host-')) {
    check.refuse('name', 'begin with "__Host-", or siblings of this host could plant it', name)
  }
  return name
}

/**
 * Over plain http the token would be readable on the way, and browsers would drop the cookie: a
 * silent login loop. Loopback is the exception that Chromium and Firefox make for development.
 */
function ensureTransport(
  req: IncomingMessage,
  { plain, behindTls }: { readonly plain: boolean; readonly behindTls: boolean },
): void {
  if (isLoopbackHost(hostOf(req))) return
  if (plain) {
    throw new Error(
      'tokenCookie: "plainLoopback" writes to loopback hosts only. Leave it out in production',
    )
  }
  if (behindTls || isEncrypted(req)) return
  throw new Error(
    "tokenCookie: this request came by plain http, where browsers drop the cookie. Serve https; behind a proxy that does, set app.set('trust proxy', ...) or behindTls: true",
  )
}
