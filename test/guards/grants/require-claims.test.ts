import { describe, expect, it } from '@jest/globals'
import express, { type Request } from 'express'
import request from 'supertest'
import {
  requireAnyPermission,
  requireAnyRole,
  requireAnyScope,
  requireBearer,
  requireClaims,
  requirePermission,
  requireRole,
  requireScope,
  type Auth,
  type Middleware,
} from '../../../lib/index.js'
import { expectRefusal } from '../../../tools/api.js'
import { withGuard, type Claims } from '../../support/guarded.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { serve } from '../../../tools/server.js'

describe('requireClaims: values', () => {
  it.each<[string, Record<string, unknown>, Claims, number]>([
    ['the value', { region: 'eu' }, { region: 'eu' }, 200],
    ['another value', { region: 'eu' }, { region: 'us' }, 403],
    ['no such claim', { region: 'eu' }, {}, 403],
    ['the value in a list', { region: 'eu' }, { region: ['us', 'eu'] }, 200],
    ['a list without it', { region: 'eu' }, { region: ['us'] }, 403],
    ['the value in other letters', { region: 'eu' }, { region: 'EU' }, 403],
    ['true', { email_verified: true }, { email_verified: true }, 200],
    ['true in words', { email_verified: true }, { email_verified: 'true' }, 403],
    ['1 for true', { email_verified: true }, { email_verified: 1 }, 403],
    ['an object', { org: { id: 1 } }, { org: { id: 1 } }, 200],
    ['an object with more in it', { org: { id: 1 } }, { org: { id: 1, x: 2 } }, 403],
    ['an object in a list', { org: { id: 1 } }, { org: [{ id: 2 }, { id: 1 }] }, 200],
    ['a list as a whole', { amr: ['pwd', 'otp'] }, { amr: ['pwd', 'otp'] }, 200],
    ['a list in another order', { amr: ['pwd', 'otp'] }, { amr: ['otp', 'pwd'] }, 403],
    ['one of two', { region: 'eu', tier: 2 }, { region: 'eu' }, 403],
    ['both', { region: 'eu', tier: 2 }, { region: 'eu', tier: 2 }, 200],
    ['null', { deleted_at: null }, { deleted_at: null }, 200],
    ['nothing for null', { deleted_at: null }, {}, 403],
    ['nothing for undefined', { region: undefined }, {}, 403],
  ])('%s', async (_name, expected, claims, status) => {
    await withGuard(requireClaims(expected), async (api) => {
      expect((await api.get(claims)).status).toBe(status)
    })
  })

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'looks at the claims of the token, never at what every object inherits: %s',
    async (name) => {
      const inherited: unknown = ({} as Record<string, unknown>)[name]
      const expected = Object.fromEntries([[name, inherited]])
      await withGuard(requireClaims(expected), async (api) => {
        expect((await api.get()).status).toBe(403)
      })
    },
  )

  it('refuses with 403 and names the claims to the event, not their values (9068-11)', async () => {
    await withGuard(requireClaims({ region: 'eu', tier: 2 }), async (api) => {
      expectRefusal(await api.get({ region: 'us' }), 'insufficient_scope')
      const detail = 'Needs other values of region, tier'
      expect(api.refusal()).toMatchObject({ reason: 'claim_mismatch', detail })
    })
  })
})

function isStaff({ subject }: Auth): boolean {
  return subject?.startsWith('staff|') === true
}

describe('requireClaims: a predicate', () => {
  it('gets the verified token', async () => {
    await withGuard(requireClaims(isStaff), async (api) => {
      expect((await api.get({ sub: 'staff|ann' })).status).toBe(200)
      expectRefusal(await api.get({ sub: 'ann' }), 'insufficient_scope')
    })
  })

  it('gets the request, of which it may ask for what the token must match', async () => {
    const app = express()
    const own = requireClaims((auth, req: Request) => auth.subject === req.params['id'])
    const issuer = createTestIssuer()
    app.use(requireBearer(issuer.options))
    app.get('/users/:id', own, (_req, res) => void res.end())
    const server = await serve(app)
    const statusOf = async (path: string): Promise<number> =>
      (await issuer.authed(request(server.url).get(path), { sub: 'ann' })).status
    expect([await statusOf('/users/ann'), await statusOf('/users/bob')]).toEqual([200, 403])
    await server.close()
  })

  it.each<[string, () => unknown]>([
    ['a promise of true', () => Promise.resolve(true)],
    ['1', () => 1],
    ["'true'", () => 'true'],
    ['an object', () => ({})],
    ['nothing', () => undefined],
    ['false', () => false],
  ])('lets pass only by true, not by %s', async (_name, predicate) => {
    await withGuard(requireClaims(predicate as () => boolean), async (api) => {
      expect((await api.get()).status).toBe(403)
    })
  })

  it('that throws is a fault of the program: 500, and nobody passes', async () => {
    const broken = requireClaims(() => {
      throw new Error('no such tenant')
    })
    await withGuard(broken, async (api) => {
      expect((await api.get()).status).toBe(500)
      expect(api.errors).toEqual(['no such tenant'])
    })
  })

  it.each([[undefined], [null], ['region'], [[]], [{}], [true]])(
    'or an object of claims is needed: refuses %j at construction',
    (expected) => {
      expect(() => requireClaims(expected as never)).toThrow(
        /requireClaims: "expected" must be a predicate or an object of claims/,
      )
    },
  )
})

describe('a guard over a token', () => {
  it.each<[string, Middleware]>([
    ['requireScope', requireScope('a')],
    ['requireAnyScope', requireAnyScope(['a'])],
    ['requireRole', requireRole('a')],
    ['requireAnyRole', requireAnyRole(['a'])],
    ['requirePermission', requirePermission('a')],
    ['requireAnyPermission', requireAnyPermission(['a'])],
    ['requireClaims', requireClaims({ a: 1 })],
  ])('answers 500 with the fix where %s has no requireBearer in front', async (name, guard) => {
    const app = express()
    app.use((req, _res, next) => {
      // What other middlewares leave in this place proves nothing.
      Object.assign(req, {
        auth: { scopes: new Set(['a']), roles: new Set(['a']), claims: { a: 1 } },
      })
      next()
    })
    app.get('/', guard, (_req, res) => void res.end())
    let message = ''
    const onError: express.ErrorRequestHandler = (error: Error, _req, res, _next) => {
      message = error.message
      res.status(500).end()
    }
    app.use(onError)
    const server = await serve(app)
    expect((await request(server.url).get('/')).status).toBe(500)
    expect(message).toContain(`${name}: no requireBearer ran before it`)
    await server.close()
  })
})
