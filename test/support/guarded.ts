import express, { type ErrorRequestHandler } from 'express'
import request from 'supertest'
import type { Response } from 'supertest'
import {
  requireBearer,
  type AuthErrorReason,
  type AuthEvent,
  type BearerOptions,
  type IssuerOptions,
  type Middleware,
  type RequireBearerOptions,
} from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { serve } from '../../tools/server.js'

const SCOPE = { scope: 'read' }

/** Claims to change in a valid token, of any type. */
export type Claims = Readonly<Record<string, unknown>>

/** `GET /` behind one guard. */
export interface GuardedApi {
  /** The answer to a valid token but for these claims; or to no token. */
  get(claims?: Claims): Promise<Response>
  anonymous(): Promise<Response>
  /** The latest refusal. */
  refusal(): { readonly reason: AuthErrorReason; readonly detail?: string } | undefined
  /** What reached the app's error handler. */
  readonly errors: string[]
  close(): Promise<void>
}

/** @param options Of the `requireBearer` in front. */
export async function startGuarded(
  guard: Middleware,
  options: Partial<IssuerOptions & BearerOptions> = {},
): Promise<GuardedApi> {
  const issuer = createTestIssuer({ clock: options.clock })
  const events: AuthEvent[] = []
  const errors: string[] = []
  const app = express()
  const given = { ...issuer.options, onEvent: (event: AuthEvent) => events.push(event), ...options }
  const bearer = requireBearer(given as RequireBearerOptions)
  app.get('/', bearer, guard, (_req, res) => void res.end())
  const onError: ErrorRequestHandler = (error: Error, _req, res, _next) => {
    errors.push(error.message)
    res.status(500).end()
  }
  app.use(onError)
  const server = await serve(app)
  return {
    errors,
    async get(claims = {}) {
      return issuer.authed(request(server.url).get('/'), { ...SCOPE, ...claims })
    },
    anonymous: async () => request(server.url).get('/'),
    refusal: () => events.findLast((event) => event.name === 'request.refused'),
    async close() {
      bearer.close()
      await server.close()
    },
  }
}

/** Closes it after use. */
export async function withGuard(
  guard: Middleware,
  use: (api: GuardedApi) => Promise<void>,
): Promise<void> {
  const api = await startGuarded(guard)
  try {
    await use(api)
  } finally {
    await api.close()
  }
}
