import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Auth } from '../../lib/core/auth/auth.js'
import { optionCheck } from '../../lib/core/options/option-check.js'
import type { AuthEvent } from '../../lib/core/events/events.js'
import { setAuthState } from '../../lib/http/guard/auth-state.js'
import type { Middleware } from '../../lib/http/guard/middleware.js'
import { createResponder } from '../../lib/http/guard/responder.js'

/** What a guard made of a request: `next`, or how it was refused. */
export interface Passage {
  readonly status: number
  readonly code: string
  readonly reason: string
  readonly detail: string | undefined
  readonly challenge: string
}

/** An `Auth` with nothing granted, but for these. */
export function authWith(changes: Partial<Auth> = {}): Auth {
  return {
    issuer: 'https://id.test',
    revocationIssuer: 'https://id.test',
    subject: 'user-1',
    clientId: 'client-1',
    audience: ['api'],
    scopes: new Set(),
    roles: new Set(),
    permissions: new Set(),
    tokenId: 'token-1',
    sessionId: undefined,
    issuedAt: 1_000_000,
    expiresAt: 1_000_300,
    version: undefined,
    claims: {},
    transport: 'header',
    ...changes,
  }
}

/** A request that a `requireBearer` has let in, and what the guards behind it tell. */
export interface LetIn {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly events: readonly AuthEvent[]
}

/** Lets a request in without a server; an anonymous one where no token is given. */
export function letIn(auth: Auth | undefined, url = '/notes'): LetIn {
  const req = Object.assign(new IncomingMessage(new Socket()), { method: 'GET', url })
  const res = new ServerResponse(req)
  const events: AuthEvent[] = []
  const responder = createResponder(optionCheck('requireBearer'), {
    clock: () => 1_000_000,
    onEvent: (event) => void events.push(event),
  })
  const token = auth === undefined ? undefined : { auth }
  setAuthState(req, { auth, responder, token, res })
  return { req, res, events }
}

/** Runs one guard behind a `requireBearer` that let this token pass, without a server. */
export function behindBearer(
  guard: Middleware,
  auth: Auth | undefined,
  url = '/notes',
): 'next' | Error | Passage {
  const { req, res, events } = letIn(auth, url)
  const handedOn: unknown[] = []
  guard(req, res, (error?: unknown) => handedOn.push(error))
  if (handedOn.length > 0) return handedOn[0] instanceof Error ? handedOn[0] : 'next'
  const refusal = events.find((event) => event.name === 'request.refused')
  return {
    status: res.statusCode,
    code: refusal?.code ?? '',
    reason: refusal?.reason ?? '',
    detail: refusal?.detail,
    challenge: String(res.getHeader('WWW-Authenticate') ?? ''),
  }
}
