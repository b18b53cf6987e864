import type { IncomingMessage } from 'node:http'
import type { Auth } from '../../../core/auth/auth.js'
import { authorizationHeader } from '../../../http/request/credentials.js'

/** One for all copies of this package in a process: the guard may be of another copy than its reader. */
const KEY = Symbol.for('express-resource-server.session-tokens')

const shared: typeof globalThis & { [KEY]?: WeakMap<Auth, string> } = globalThis
const tokens: WeakMap<Auth, string> = (shared[KEY] ??= new WeakMap())

/**
 * Never a property of the request, which apps log; and not kept by the request, because another guard
 * behind this one may let a token of somebody else speak for it.
 */
export function keepSubjectToken(auth: Auth, accessToken: string): void {
  tokens.set(auth, accessToken)
}

/** The access token that a verified request came with; undefined where it is in a cookie of the app's own. */
export function subjectTokenOf(req: IncomingMessage, auth: Auth): string | undefined {
  const kept = tokens.get(auth)
  if (kept !== undefined || auth.transport !== 'header') return kept
  const authorization = authorizationHeader(req)
  return typeof authorization === 'string' ? /^\S+ +(\S+)$/.exec(authorization)?.[1] : undefined
}
