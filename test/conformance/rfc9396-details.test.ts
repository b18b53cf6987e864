import { describe, expect, it } from '@jest/globals'
import express, { type Request } from 'express'
import request from 'supertest'
import {
  requireAuthorizationDetails,
  requireBearer,
  requireScope,
  type AuthorizationDetail,
  type Middleware,
} from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { expectRefusal } from '../../tools/api.js'
import { serve } from '../../tools/server.js'
import { startGuarded, withGuard } from '../support/guarded.js'

const X = 'https://api.test/x'
const Y = 'https://api.test/y'
const READ_X = { type: 'file', actions: ['read'], locations: [X] }
const deep = (depth: number): unknown => (depth === 0 ? {} : { type: 'file', in: deep(depth - 1) })

describe('RFC 9396: authorization details', () => {
  it.each<[string, unknown, number]>([
    ['the same (9396-01)', [READ_X], 200],
    [
      'more of each field (9396-04)',
      [{ ...READ_X, actions: ['write', 'read'], locations: [Y, X] }],
      200,
    ],
    ['members that bound nothing', [{ ...READ_X, note: 'x' }], 200],
    ['it among others (9396-03)', [7, null, [], 'file', {}, READ_X], 200],
    ['another type', [{ ...READ_X, type: 'folder' }], 403],
    ['no type (9396-03)', [{ actions: ['read'], locations: [X] }], 403],
    ['a type in a list (9396-03)', [{ ...READ_X, type: ['file'] }], 403],
    ['another action', [{ ...READ_X, actions: ['write'] }], 403],
    ['an action as a text', [{ ...READ_X, actions: 'read' }], 403],
    ['no actions', [{ type: 'file', locations: [X] }], 403],
    ['another API (9396-06)', [{ ...READ_X, locations: [Y] }], 403],
    [
      'the place in other letters (9396-05)',
      [{ ...READ_X, locations: ['https://API.test/x'] }],
      403,
    ],
    ['the place with a slash (9396-05)', [{ ...READ_X, locations: [`${X}/`] }], 403],
    [
      'two entries that would do together (9396-04)',
      [
        { type: 'file', actions: ['read'], locations: [Y] },
        { type: 'file', actions: ['write'], locations: [X] },
      ],
      403,
    ],
    ['it for one account, of which nothing was asked', [{ ...READ_X, identifier: 'a' }], 403],
    ['it with bounds of no length', [{ ...READ_X, privileges: [] }], 403],
    ['no entries', [], 403],
    ['nothing', undefined, 403],
    ['null', null, 403],
    ['a single object (9396-03)', READ_X, 403],
    ['a text (9396-03)', JSON.stringify([READ_X]), 403],
    ['a list in a list', [[READ_X]], 403],
    ['an object with numbers for names', { 0: READ_X, length: 1 }, 403],
    ['names that every object has', [{ type: 'file', __proto__: null, constructor: 1 }], 403],
    ['a deep entry', [deep(50)], 403],
    ['many entries', Array.from({ length: 300 }, () => ({ type: 'file' })), 403],
  ])('a token that grants %s gets its answer', async (_name, details, status) => {
    await withGuard(
      requireAuthorizationDetails(() => READ_X),
      async (api) => {
        const response = await api.get({ authorization_details: details })
        expect(response.status).toBe(status)
        if (status === 200) return
        expectRefusal(response, 'insufficient_scope')
        expect(api.refusal()).toMatchObject({ reason: 'authorization_details_missing' })
        expect(response.text).not.toContain(X)
      },
    )
  })

  it.each<[string, AuthorizationDetail]>([
    ['no action at all', { ...READ_X, actions: [] }],
    ['an account that is undefined', { ...READ_X, identifier: undefined }],
    ['a number that is none', { ...READ_X, amount: Number.NaN }],
    ['thousands of objects', { ...READ_X, own: Array.from({ length: 20_000 }, () => ({ a: 1 })) }],
  ])('a request for %s is refused, whatever is granted', async (_name, needed) => {
    const own = Array.from({ length: 50 }, () => ({ a: 2 }))
    const granted = [{ ...READ_X, identifier: 'a', amount: null, own }]
    await withGuard(
      requireAuthorizationDetails(() => needed),
      async (api) => {
        expect((await api.get({ authorization_details: granted })).status).toBe(403)
      },
    )
  })

  it('counts in an introspection answer (9396-02)', async () => {
    const own = createTestIssuer()
    await own.listen()
    const app = express()
    app.use(requireBearer({ ...own.options, introspection: own.introspection }))
    const guard = requireAuthorizationDetails(() => READ_X)
    app.get('/', guard, (_req, res) => void res.end())
    const server = await serve(app)
    for (const [details, status] of [
      [[READ_X], 200],
      [[{ ...READ_X, actions: ['write'] }], 403],
      [undefined, 403],
    ] as const) {
      const token = own.opaqueToken({ authorization_details: details })
      const answer = await request(server.url).get('/').auth(token, { type: 'bearer' })
      expect(answer.status).toBe(status)
    }
    await server.close()
  })

  it('is asked for by the request, and beside scopes (9396-07, 9396-08)', async () => {
    const guard = express.Router()
    guard.use(
      requireScope('read'),
      requireAuthorizationDetails((req: Request) => ({ type: req.get('x-type') ?? 'none' })),
    )
    await withGuard(guard as unknown as Middleware, async (api) => {
      const authorization_details = [{ type: 'none' }]
      expect((await api.get({ authorization_details })).status).toBe(200)
      expect((await api.get({ authorization_details, scope: 'x' })).status).toBe(403)
      expect((await api.get({})).status).toBe(403)
    })
  })

  it.each([undefined, null, 'file', [READ_X], {}, { type: 7 }, Promise.resolve(READ_X)])(
    'a function that returns %p is a fault of the app, and lets nobody pass',
    async (returned) => {
      const guard = requireAuthorizationDetails(() => returned as never)
      await withGuard(guard, async (api) => {
        expect((await api.get({ authorization_details: [READ_X] })).status).toBe(500)
        expect(api.errors).toEqual([expect.stringContaining('must return an object')])
      })
    },
  )

  it('asks an anonymous request for a token, and refuses what is no function', async () => {
    const guard = requireAuthorizationDetails(() => READ_X)
    const api = await startGuarded(guard, { optional: true })
    expectRefusal(await api.anonymous(), 'no_credential')
    await api.close()
    expect(() => requireAuthorizationDetails(READ_X as never)).toThrow(/must be a function/)
  })
})
