import type { IncomingMessage } from 'node:http'
import type { Auth } from '../../core/auth.js'
import { authorizationHeader } from '../../http/request/credentials.js'

/** One for all copies of this package in a process: the guard may be of another copy than its reader. */
const KEY = Symbol.for('express-resource-server.session-tokens')

const shared: typeof globalThis & { [KEY]?: WeakMap<IncomingMessage, string> } = globalThis
const tokens: WeakMap<IncomingMessage, string> = (shared[KEY] ??= new WeakMap())

/** Never a property of the request, which apps log. */
export function keepSubjectToken(req: IncomingMessage, accessToken: string): void {
  tokens.set(req, accessToken)
}

/** The access token that a verified request came with; undefined where it is in a cookie of the app's own. */
export function subjectTokenOf(req: IncomingMessage, { transport }: Auth): string | undefined {
  const kept = tokens.get(req)
  if (kept !== undefined || transport !== 'header') return kept
  const authorization = authorizationHeader(req)
  return typeof authorization === 'string' ? /^\S+ +(\S+)$/.exec(authorization)?.[1] : undefined
}
