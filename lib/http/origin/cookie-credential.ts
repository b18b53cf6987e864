import { atOnce } from '../../core/app-function.js'
import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { attempt } from '../../core/verdicts/outcome.js'
import type { OptionCheck } from '../../core/options/option-check.js'
import { isRecord } from '../../core/values.js'
import { cookieValues, type ReadableCookie } from '../request/cookies.js'
import { absentCredential } from '../request/absent-credential.js'
import { B64TOKEN, malformed, noCredential, tooLarge } from '../request/credentials.js'
import type { RequestHead } from '../request/request-head.js'
import { judgeHead, type CsrfPolicy } from './request-origin.js'
import { compileWeldedCheck, WELDED_CHECK_NAMES, type WeldedCheckOptions } from './welded-check.js'

/** The cookie in which browsers keep the token, and whose pages may use it. A `tokenCookie()` is one. */
export interface CookieOptions extends ReadableCookie, WeldedCheckOptions {}

/** `set` and `clear` are of a `tokenCookie()`. */
const COOKIE_OPTION_NAMES = ['name', 'open', 'set', 'clear', ...WELDED_CHECK_NAMES]

export interface CookiePolicy extends ReadableCookie {
  readonly csrf: Omit<CsrfPolicy, 'ambient'>
}

export function compileCookiePolicy(
  check: OptionCheck,
  option: string | CookieOptions | undefined,
): CookiePolicy | undefined {
  if (option === undefined) return undefined
  const cookie = asOptions(check, option)
  const { name, open } = cookie
  if (typeof name !== 'string' || !COOKIE_NAME.test(name)) {
    const path = cookie === option ? 'cookie.name' : 'cookie'
    check.refuse(path, 'be the name of a cookie', name)
  }
  check.optionalFunction('cookie.open', open)
  return {
    name,
    open,
    csrf: compileWeldedCheck(check, 'cookie', cookie),
  }
}

function asOptions(check: OptionCheck, option: unknown): Partial<CookieOptions> {
  if (typeof option === 'string') return { name: option }
  if (!isRecord(option)) {
    return check.refuse(
      'cookie',
      'be the name of a cookie, or { name } like a tokenCookie()',
      option,
    )
  }
  check.known(option, COOKIE_OPTION_NAMES, { within: 'cookie' })
  return option
}

/** RFC 6265 §4.1.1: a cookie's name is a token of RFC 9110 §5.6.2. */
const COOKIE_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * The token in the one cookie of its name. The CSRF check is here, and not only in a guard that an
 * app may forget to mount on some route: no token leaves a cookie unchecked.
 *
 * @returns the refusal: `no_credential` for no cookie, `invalid_request` for several or none that holds
 *   a token, `csrf_...` for a request of a foreign page.
 */
export function cookieToken(
  head: RequestHead,
  { name, open, csrf }: CookiePolicy,
  maxChars: number,
): string | AuthError {
  const [value = '', ...others] = cookieValues(head.header('cookie'), name)
  if (others.length > 0) {
    return malformed('duplicate_cookie', `The request has several cookies ${name}`)
  }
  if (value === '') return absentCredential(head, name)
  const refusal = judgeHead(head, csrf, true)
  if (refusal !== undefined) return refusal
  if (value.length > maxChars) return tooLarge(maxChars)
  if (!B64TOKEN.test(value)) {
    return malformed('malformed_cookie', `The cookie ${name} holds no token68`)
  }
  const token = open === undefined ? value : atOnce(attempt(() => open(value)))
  if (token instanceof AuthError) return token
  if (token === undefined || !B64TOKEN.test(token)) {
    return invalidToken('broken_seal', `The cookie ${name} was not sealed with a known secret`)
  }
  return token
}

/**
 * Says of a header that is no bearer token that the cookie came as well, and why it does not count:
 * browsers and proxies add Basic credentials of their own, and users seem logged out by them.
 */
export function explainBeside(
  head: RequestHead,
  { name }: CookiePolicy,
  error: AuthError,
): AuthError {
  if (error.reason !== 'unsupported_scheme') return error
  if (cookieValues(head.header('cookie'), name).length === 0) return error
  return noCredential(
    'unsupported_scheme',
    `${error.detail ?? 'The Authorization header has another scheme'}. The cookie ${name} came too, and never counts beside that header: let no proxy or client add it`,
  )
}
