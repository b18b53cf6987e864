import type { OptionCheck } from '../../core/options/option-check.js'
import { isRecord } from '../../core/values.js'
import type { AuthError } from '../../core/verdicts/errors.js'
import { B64TOKEN, malformed, noCredential, tooLarge } from '../request/credentials.js'
import type { RequestHead } from '../request/request-head.js'
import { judgeHead, type CsrfPolicy } from './request-origin.js'
import { compileWeldedCheck, WELDED_CHECK_NAMES, type WeldedCheckOptions } from './welded-check.js'

/** The header in which a proxy hands the token on, in place of `Authorization`. */
export interface TokenHeaderOptions extends WeldedCheckOptions {
  /** Its name, like `cf-access-jwt-assertion`. */
  readonly name: string
  /** The word in front of the token, like `Bearer`; false for none. @default false */
  readonly scheme?: string | false | undefined
}

export const TOKEN_HEADER_NAMES: readonly (keyof TokenHeaderOptions)[] = [
  'name',
  'scheme',
  ...WELDED_CHECK_NAMES,
]

export interface TokenHeaderPolicy {
  /** In lower case. */
  readonly name: string
  /** In lower case. */
  readonly scheme: string | undefined
  readonly csrf: Omit<CsrfPolicy, 'ambient'>
}

/** RFC 9110 §5.6.2 `token`: the letters of names of headers and schemes. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

export function compileTokenHeader(
  check: OptionCheck,
  option: TokenHeaderOptions | undefined,
): TokenHeaderPolicy | undefined {
  if (option === undefined) return undefined
  if (!isRecord(option)) check.refuse('header', 'be { name } of a header', option)
  check.known(option, TOKEN_HEADER_NAMES, { within: 'header' })
  const name = check.string('header.name', option.name).toLowerCase()
  if (!TOKEN.test(name)) check.refuse('header.name', 'be the name of a header', name)
  if (name === 'authorization') {
    check.refuse('header.name', 'be left out for "authorization", which is read by default', name)
  }
  if (name === 'cookie') check.refuse('header.name', 'be none: give the option "cookie"', name)
  return {
    name,
    scheme: schemeOf(check, option.scheme),
    csrf: compileWeldedCheck(check, 'header', option),
  }
}

function schemeOf(check: OptionCheck, option: string | false | undefined): string | undefined {
  if (option === undefined || option === false) return undefined
  const scheme = check.string('header.scheme', option)
  if (!TOKEN.test(scheme)) check.refuse('header.scheme', 'be one word, like "Bearer"', scheme)
  return scheme.toLowerCase()
}

/**
 * The token in the header of that name, undefined where there is none. A proxy that knows its users by
 * a session cookie adds the header to each of their requests, also to those that a foreign page sends:
 * so the CSRF check is welded in, as for cookies. It goes by no `Cookie` header, because proxies of that
 * kind may keep theirs.
 *
 * @returns the refusal: `invalid_request` for several tokens or none that is one, `no_credential` for
 *   another scheme, `csrf_...` for a request of a foreign page.
 */
export function headerToken(
  head: RequestHead,
  { name, scheme, csrf }: TokenHeaderPolicy,
  maxChars: number,
): string | AuthError | undefined {
  const value = head.header(name) ?? ''
  if (value === '') return undefined
  const refusal = judgeHead(head, csrf, true)
  if (refusal !== undefined) return refusal
  // Of some headers, such as Proxy-Authorization, Node keeps but the first line: the client's, perhaps.
  if (head.headerLines(name).length > 1) return severalValues(name)
  const token = scheme === undefined ? value : behindScheme(value, scheme)
  if (token === undefined) {
    return noCredential(
      'unsupported_scheme',
      `The header ${name} has another scheme than ${scheme}`,
    )
  }
  if (token.length > maxChars) return tooLarge(maxChars)
  if (B64TOKEN.test(token)) return token
  // Hosts that speak fetch join several lines by a comma, which no token has.
  return token.includes(',')
    ? severalValues(name)
    : malformed('malformed_authorization', `The header ${name} holds no token68`)
}

function severalValues(name: string): AuthError {
  return malformed(
    'duplicate_authorization',
    `The request has several values of the header ${name}`,
  )
}

/** Undefined for another scheme. Case does not matter (RFC 9110 §11.1). */
function behindScheme(value: string, scheme: string): string | undefined {
  const [word = '', ...rest] = value.split(' ')
  return word.toLowerCase() === scheme ? rest.join(' ').trimStart() : undefined
}
