import type { AuthError } from '../../core/verdicts/errors.js'
import { noCredential } from './credentials.js'
import type { RequestHead } from './request-head.js'

/**
 * No credential came. Where the request shows why, a developer is told.
 *
 * @param cookie The cookie that could have held one.
 */
export function absentCredential(head: RequestHead, cookie?: string): AuthError {
  if (isPreflight(head)) {
    return noCredential(
      'no_credential',
      'This is a CORS preflight, which never carries a token. Mount strictCors, or cors, before the guard: it answers preflights itself',
    )
  }
  if (cookie !== undefined && (head.header('cookie') ?? '') !== '') {
    return noCredential(
      'no_credential',
      `Cookies came, and none has the name ${cookie}. Browsers drop one of the prefix __Host- or __Secure- that is set over plain http or without its attributes`,
    )
  }
  return noCredential('no_credential')
}

function isPreflight(head: RequestHead): boolean {
  return head.method === 'OPTIONS' && head.header('access-control-request-method') !== undefined
}
