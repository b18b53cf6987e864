import { AuthError } from '../../../core/verdicts/errors.js'
import { isOwnPath } from '../../../http/answer/page.js'

const MAX_CHARS = 1024

/**
 * Where a login leads on to: a path on this host. It is compared as browsers read it too, who take
 * some spellings of `//` for it.
 */
export function judgeReturnUrl(given: string | undefined, origin: string): string | AuthError {
  if (given === undefined) return '/'
  const isLocal =
    given.length <= MAX_CHARS &&
    isOwnPath(given) &&
    URL.canParse(given, origin) &&
    new URL(given, origin).origin === origin
  if (isLocal) return given
  return new AuthError('login_failed', {
    reason: 'foreign_return_url',
    detail: 'return_to is no path on this host, or longer than 1024 characters',
  })
}
