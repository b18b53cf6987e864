import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../../core/clock.js'
import type { AuthError } from '../../../core/verdicts/errors.js'
import type { RevocationStore } from '../../../revocation/store.js'
import type { SessionStore } from '../../session-store.js'
import type { SessionReader } from '../tokens/bearer.js'
import type { SessionCookie } from '../sessions/session-cookie.js'
import type { IssuerClient } from '../issuer/issuer-client.js'
import type { LoginCookies } from '../login/login.js'
import type { Sessions } from '../sessions/sessions.js'

/** What the routes share. */
export interface RouteContext {
  readonly origin: string
  readonly client: IssuerClient
  readonly cookie: SessionCookie
  readonly logins: LoginCookies
  readonly sessions: Sessions
  readonly reader: SessionReader
  readonly store: SessionStore
  readonly revocations: RevocationStore
  readonly clock: Clock
}

/** Answers one request, or says why it is refused. */
export type Route = (
  req: IncomingMessage,
  res: ServerResponse,
  query: URLSearchParams,
) => Promise<void | AuthError>

export function sendJson(res: ServerResponse, content: object): void {
  const body = JSON.stringify(content)
  res.statusCode = 200
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('Content-Type', 'application/json')
  res.setHeader('Content-Length', Buffer.byteLength(body))
  res.end(res.req.method === 'HEAD' ? undefined : body)
}
