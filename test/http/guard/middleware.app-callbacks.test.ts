import { describe, expect, it, jest } from '@jest/globals'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import request from 'supertest'
import {
  csrfGuard,
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
  requireClaims,
  requireScope,
  type AuthError,
  type BearerOptions,
  type IssuerFields,
} from '../../../lib/index.js'
import { authRateLimit, strictCors } from '../../../lib/browser.js'
import { protectMcp } from '../../../lib/mcp.js'
import type { Middleware } from '../../../lib/http/guard/middleware.js'
import { createTestIssuer, type TestClaims } from '../../../lib/testing.js'
import { serve } from '../../../tools/server.js'

const issuer = createTestIssuer()

function fail(): never {
  throw new Error('the app failed')
}

const failLater = (): unknown => Promise.reject(new Error('the app failed'))

const bearer = (
  options: Partial<BearerOptions & Pick<IssuerFields, 'claims'>> = {},
): RequestHandler => requireBearer({ ...issuer.options, ...options })

const revocations = memoryRevocationStore()
const revokedAlways = { ...revocations, check: async () => ({ revoked: true, by: 'all' }) as const }

const hasOwnAuth: RequestHandler = (req, _res, next) => {
  Object.defineProperty(req, 'auth', { get: () => 'somebody else’s' })
  next()
}

const reportError: ErrorRequestHandler = (error: Error, _req, res, _next) => {
  res.status(500).json({ message: error.message })
}

describe('a function of the app that fails', () => {
  it.each<[string, () => RequestHandler[], TestClaims]>([
    ['onRefuse', () => [bearer({ onRefuse: fail })], { exp: 1 }],
    ['onRefuse, later', () => [bearer({ onRefuse: failLater })], { exp: 1 }],
    [
      'onRefuse behind a denylist',
      () => [bearer({ onRefuse: fail }), jtiBlocklist(revokedAlways)],
      {},
    ],
    ['onRefuse of one guard', () => [bearer(), requireScope('no', { onRefuse: failLater })], {}],
    ['logout’s respond', () => [bearer(), logout(revocations, { respond: fail })], {}],
    ['logout’s respond, later', () => [bearer(), logout(revocations, { respond: failLater })], {}],
    ['logout’s scope', () => [bearer(), logout(revocations, { scope: fail })], {}],
    ['tokenId', () => [bearer({ claims: { tokenId: fail } })], {}],
  ])('is answered by its error handler: %s', async (_name, guards, claims) => {
    const app = express()
    app.post('/', ...guards(), (_req, res) => void res.json({}))
    app.use(reportError)
    const response = await issuer.authed(request(app).post('/'), claims).timeout(5000)
    expect(response.status).toBe(500)
    expect(response.body).toEqual({ message: 'the app failed' })
  })

  it('is answered by its error handler: a req.auth that cannot be set', async () => {
    const app = express()
    app.post('/', hasOwnAuth, bearer(), (_req, res) => void res.json({}))
    app.use(reportError)
    const response = await issuer.authed(request(app).post('/')).timeout(5000)
    expect(response.status).toBe(500)
  })
})

/** By way of a generator, whose `throw` takes anything, as that of JavaScript does. */
function throwing(thrown: unknown): never {
  const generator = endless()
  generator.next()
  generator.throw(thrown)
  return fail()
}

function* endless(): Generator<undefined, void> {
  for (;;) yield undefined
}

const tokenBy = (verify: () => unknown): RequestHandler =>
  requireBearer({ verifier: { verify: verify as () => AuthError } })

function scopes(tools: () => never): RequestHandler {
  return protectMcp({ ...issuer.options, resource: 'https://a.test/mcp', tools }).guard
}

describe('a function of the app that fails without an error', () => {
  const outage = { ...revocations, check: fail }
  const isOver = { exp: 1 }

  describe.each([undefined, null, 'route'])('but %p', (nothing) => {
    const failingLater = (): Promise<never> => Promise.reject(nothing)
    const failing = (): never => throwing(nothing)

    it.each<[string, () => RequestHandler[], TestClaims]>([
      ['verifier', () => [tokenBy(failing)], {}],
      ['verifier, later', () => [tokenBy(failingLater)], {}],
      ['onRefuse', () => [bearer({ onRefuse: failing })], isOver],
      ['onRefuse, later', () => [bearer({ onRefuse: failingLater })], isOver],
      ['clock', () => [bearer({ clock: failing })], {}],
      ['requireClaims', () => [bearer(), requireClaims(failing)], {}],
      ['jtiBlocklist', () => [bearer(), jtiBlocklist(outage, { onUnavailable: failing })], {}],
      ['logout’s respond', () => [bearer(), logout(revocations, { respond: failingLater })], {}],
      ['protectMcp’s tools', () => [scopes(failing)], {}],
      ['csrfGuard’s exempt', () => [csrfGuard({ exempt: [failing] })], {}],
      ['csrfGuard’s ambient', () => [csrfGuard({ ambient: failing })], {}],
      ['authRateLimit’s account', () => [authRateLimit('login', { account: failing })], {}],
    ])('lets no request pass: %s', async (_name, guards, claims) => {
      const app = express()
      for (const guard of guards()) app.use(guard)
      app.post('/', (_req, res) => void res.end('in'))
      app.use(reportError)
      const response = await issuer
        .authed(request(app).post('/'), claims)
        .send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'purge' } })
      expect([response.status, response.text]).toEqual([500, expect.stringContaining('message')])
    })
  })
})

describe('an allow() of the app that fails', () => {
  it.each([
    ['throws', fail],
    ['rejects', failLater],
  ])('is a no to a token where it %s, and is warned of once', async (_how, allow) => {
    const warned = jest.spyOn(process, 'emitWarning').mockReturnValue()
    const app = express()
    const issuers = { allow: allow as () => boolean, resolve: fail }
    app.get('/', requireBearer({ issuers }), (_req, res) => void res.json({}))
    const statuses: number[] = []
    for (const iss of ['no url', 'https://id.test']) {
      const token = issuer.token({ iss })
      statuses.push((await request(app).get('/').auth(token, { type: 'bearer' })).status)
    }
    const warnings = warned.mock.calls.slice()
    warned.mockRestore()
    expect(statuses).toEqual([401, 401])
    expect(warnings).toEqual([
      [expect.stringMatching(/allow\(\) failed \(Error\)/), { code: 'ERS_ISSUER_ALLOW' }],
    ])
    expect(JSON.stringify(warnings)).not.toMatch(/the app failed|no url/)
  })
})

describe('a handler that throws, on a host that catches nothing', () => {
  it.each<[string, () => Middleware]>([
    ['requireBearer', () => bearer() as Middleware],
    [
      'requireBearer, for a fault of the app',
      () => bearer({ claims: { tokenId: fail } }) as Middleware,
    ],
    [
      'jtiBlocklist over a store elsewhere',
      () => {
        const first = bearer() as Middleware
        const second = jtiBlocklist({ ...revocations, check: async () => ({ revoked: false }) })
        return (req, res, next) =>
          first(req, res, (error) => (error === undefined ? second(req, res, next) : next(error)))
      },
    ],
    ['strictCors', () => strictCors({ trustedOrigins: ['https://app.test'] })],
  ])('is answered by what stands in front: %s', async (_name, create) => {
    const guard = create()
    const server = await serve((req, res) => {
      guard(req, res, (error) => {
        if (error === undefined) fail()
        res.statusCode = 500
        res.end()
      })
    })
    const response = await issuer
      .authed(request(server.url).get('/').set('Origin', 'https://app.test'))
      .timeout(5000)
    await server.close()
    expect(response.status).toBe(500)
  })
})

describe('a request that was answered while its token was verified', () => {
  it('goes on to its handler without an error', async () => {
    const app = express()
    app.use((_req, res, next) => {
      next()
      res.json({ late: true })
    })
    const reached = new Promise<unknown>((resolve) => {
      app.get('/', bearer(), () => resolve('the handler'))
      app.use(((error, _req, _res, _next) => resolve(error)) satisfies ErrorRequestHandler)
    })
    const response = await issuer.authed(request(app).get('/'))
    expect(response.body).toEqual({ late: true })
    expect(await reached).toBe('the handler')
  })
})
