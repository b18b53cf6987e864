import { expect } from '@jest/globals'
import express from 'express'
import request, { type Response } from 'supertest'
import {
  authOf,
  jtiBlocklist,
  requireBearer,
  requireScope,
  type AuthErrorReason,
  type AuthEvent,
  type BearerGuard,
  type BearerOptions,
  type IssuerFields,
  type JtiBlocklistOptions,
  type RequireBearerOptions,
  type RevocationStore,
} from '../lib/index.js'
import { testClock, type TestClock, type TestIssuer } from '../lib/testing.js'
import type { FetchGuardOptions } from '../lib/fetch.js'
import { bearerParameters } from './challenge.js'
import { fetchMiddleware } from './fetch-host.js'
import { serve } from './server.js'

/** A protected API: `GET /r` needs the scope `read` and answers with what it knows; `POST /w` needs `write`. */
export interface TestApi {
  readonly url: string
  readonly port: number
  readonly guard: BearerGuard
  readonly events: AuthEvent[]
  /** `GET /r` with a bearer token. */
  readonly get: (token: string) => Promise<Response>
  /** `GET /r` with this `Authorization` header, or with none. */
  readonly authorized: (value?: string) => Promise<Response>
  /** Why the latest refusal happened. */
  readonly reason: () => AuthErrorReason | undefined
  readonly close: () => Promise<void>
}

/** What the guard is mounted in. */
export type TestHost = 'express' | 'fetch'

let defaultHost: TestHost = 'express'

/** For suites that run once more in another host. */
export function hostBy(host: TestHost): void {
  defaultHost = host
}

export interface TestApiOptions extends Partial<IssuerFields & BearerOptions> {
  /** @default 'express', unless `hostBy` said otherwise */
  readonly host?: TestHost
  readonly store?: RevocationStore
  readonly blocklist?: JtiBlocklistOptions
}

/** Of any day, but of the same in each run. */
export function frozenClock(now = 1_800_000_000): TestClock {
  return testClock(now)
}

/** An API that trusts `issuer`, with a clock tolerance of 0 unless the options say otherwise. */
export async function startApi(
  issuer: Pick<TestIssuer, 'options'>,
  { store, blocklist, host = defaultHost, ...options }: TestApiOptions = {},
): Promise<TestApi> {
  const events: AuthEvent[] = []
  const all = {
    ...issuer.options,
    clockToleranceSeconds: 0,
    onEvent: (event: AuthEvent) => void events.push(event),
    ...options,
  }
  const inFetch =
    host === 'fetch' && options.optional === undefined && options.onRefuse === undefined
  const guard = inFetch
    ? fetchMiddleware(all as FetchGuardOptions)
    : requireBearer(all as RequireBearerOptions)
  const app = express()
  app.use(guard)
  if (store !== undefined) app.use(jtiBlocklist(store, blocklist))
  app.get('/r', requireScope('read'), (req, res) => {
    const { scopes, roles, permissions, ...auth } = authOf(req)
    const sets = { scopes: [...scopes], roles: [...roles], permissions: [...permissions] }
    res.json({ ...auth, ...sets })
  })
  app.post('/w', requireScope('write'), (_req, res) => void res.status(201).json({}))
  const server = await serve(app)
  return {
    url: server.url,
    port: server.port,
    guard,
    events,
    get: (token) => get(server.url, `Bearer ${token}`),
    authorized: (value) => get(server.url, value),
    reason() {
      const refusal = events.findLast((event) => event.name === 'request.refused')
      return refusal?.reason
    },
    async close() {
      guard.close()
      await server.close()
    },
  }
}

async function get(url: string, authorization: string | undefined): Promise<Response> {
  const asking = request(url).get('/r')
  return authorization === undefined ? asking : asking.set('Authorization', authorization)
}

const STATUS = {
  no_credential: 401,
  invalid_request: 400,
  invalid_token: 401,
  insufficient_scope: 403,
} as const

/** Asserts the whole of a refusal at once: status, challenge, body and caching. */
export function expectRefusal(response: Response, code: keyof typeof STATUS, scope?: string): void {
  expect(response.status).toBe(STATUS[code])
  expect(response.headers['cache-control']).toBe('no-store')
  const challenge = bearerParameters(response.headers['www-authenticate'] ?? '')
  const body = response.body as Record<string, unknown>
  if (code === 'no_credential') {
    expect(Object.keys(challenge).filter((name) => name.startsWith('error'))).toEqual([])
    expect(body).toEqual({})
  } else {
    expect(challenge['error']).toBe(code)
    expect(body['error']).toBe(code)
    expect(body['error_description']).toBe(challenge['error_description'])
  }
  expect(challenge['scope']).toBe(scope)
}

/** Asserts that we said we cannot know, and nothing about the token. */
export function expectUnavailable(response: Response): void {
  expect(response.status).toBe(503)
  expect(Number(response.headers['retry-after'])).toBeGreaterThanOrEqual(1)
  expect(response.headers['cache-control']).toBe('no-store')
  expect(response.headers['www-authenticate']).toBeUndefined()
  expect(response.body).toMatchObject({ error: 'temporarily_unavailable' })
}
