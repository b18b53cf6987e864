import { isScopeToken } from '../../../core/auth/scope.js'
import type { OptionCheck } from '../../../core/options/option-check.js'
import { isRecord } from '../../../core/values.js'
import { isLoopbackHost } from '../../../http/request/host.js'

/** Written by `tokenHandler` alone: no option may set them. */
const RESERVED =
  /^(?:client_id|client_secret|redirect_uri|scope|response_type|response_mode|state|nonce|code_challenge(?:_method)?|request(?:_uri)?)$/

/** Path of the route, behind that of the routes. */
export const CALLBACK = '/callback'

export function compileRedirectUri(check: OptionCheck, option: string | URL): URL {
  const url = safeUrl(check, 'redirectUri', option)
  if (!url.pathname.endsWith(CALLBACK) || url.search !== '') {
    check.refuse('redirectUri', 'end with "/callback", without a query', url.href)
  }
  return url
}

/** Over plain http the cookie would be dropped, or read on the way. */
export function safeUrl(check: OptionCheck, name: string, option: string | URL): URL {
  const url = URL.canParse(String(option)) ? new URL(option) : undefined
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.host))
  if (url === undefined || !isSafe || url.hash !== '' || url.username !== '') {
    return check.refuse(name, 'be an https URL', String(option))
  }
  return url
}

export function compileScopes(
  check: OptionCheck,
  option: string | readonly string[],
): readonly string[] {
  const given = typeof option === 'string' ? option.split(' ') : option
  const names = Array.isArray(given) && given.length === 0 ? [] : check.strings('scopes', given)
  const bad = names.find((name) => !isScopeToken(name))
  if (bad !== undefined) check.refuse('scopes', 'be scopes like "notes:read"', bad)
  return [...new Set(['openid', ...names])]
}

export function compileParameters(
  check: OptionCheck,
  option: unknown,
): Readonly<Record<string, string>> {
  if (!isRecord(option)) return check.refuse('loginParameters', 'be an object of texts', option)
  const parameters: Record<string, string> = {}
  for (const [name, value] of Object.entries(option)) {
    if (RESERVED.test(name)) check.refuse('loginParameters', `leave out ${name}`, name)
    parameters[name] = check.string(`loginParameters.${name}`, value)
  }
  return parameters
}
