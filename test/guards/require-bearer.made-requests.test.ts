import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterAll, describe, expect, it } from '@jest/globals'
import {
  csrfGuard,
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
  requireScope,
  securityHeaders,
  type Middleware,
} from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'

const issuer = createTestIssuer()
const token = issuer.token({ scope: 'read' })
const guard = requireBearer({ ...issuer.options, throttle: {}, cookie: 'at' })
const store = memoryRevocationStore()

afterAll(async () => {
  guard.close()
})

/** What a request is made of by a unit test, or by an adapter of another server. */
type Made = Readonly<Record<string, unknown>>

/** What a guard does with a request: the status, or what it hands on. */
function outcomeOf(middleware: Middleware, made: Made, lacks?: string): Promise<unknown> {
  const headers = new Map<string, unknown>()
  return new Promise((resolve) => {
    const res = Object.assign(new EventEmitter(), {
      statusCode: 200,
      headersSent: false,
      setHeader: (name: string, value: unknown) => headers.set(name.toLowerCase(), value),
      getHeader: (name: string) => headers.get(name.toLowerCase()),
      removeHeader: (name: string) => headers.delete(name.toLowerCase()),
      end(this: { statusCode: number }) {
        resolve(this.statusCode)
      },
    })
    if (lacks !== undefined) Reflect.deleteProperty(res, lacks)
    middleware(made as unknown as IncomingMessage, res as unknown as ServerResponse, (error) =>
      resolve(error ?? 'next'),
    )
  })
}

describe('requireBearer and a request that Node did not make', () => {
  it.each<[string, () => Made, unknown]>([
    ['a good token', () => ({ headers: { authorization: `Bearer ${token}` } }), 'next'],
    ['a list of one', () => ({ headers: { authorization: [`Bearer ${token}`] } }), 'next'],
    ['none', () => ({ headers: {} }), 401],
    ['an empty one', () => ({ headers: { authorization: '' } }), 401],
    ['an empty list', () => ({ headers: { authorization: [] } }), 401],
    ['a bad one', () => ({ headers: { authorization: 'Bearer bad' } }), 401],
    ['a list of two', () => ({ headers: { authorization: [`Bearer ${token}`, 'Bearer b'] } }), 400],
    ['two joined', () => ({ headers: { authorization: `Bearer ${token}, Bearer ${token}` } }), 400],
    ['a number', () => ({ headers: { authorization: 7 } }), 400],
    ['a number beside raw headers', () => ({ headers: { authorization: 7 }, rawHeaders: [] }), 400],
    ['an object', () => ({ headers: { authorization: {} } }), 400],
    ['a list of none', () => ({ headers: { authorization: [null] } }), 400],
    [
      'a cookie in a list',
      () => ({ method: 'GET', headers: { cookie: ['a=1', `at=${token}`] } }),
      'next',
    ],
    [
      'two cookies in a list',
      () => ({ method: 'GET', headers: { cookie: ['at=1', 'at=2'] } }),
      400,
    ],
    [
      'a proxy header and no socket',
      () => ({ headers: { authorization: 'Bearer bad', 'x-forwarded-for': '203.0.113.7' } }),
      401,
    ],
  ])('answers %s as any other', async (_name, made, expected) => {
    expect(await outcomeOf(guard, made())).toBe(expected)
    expect(await outcomeOf(guard, { ...made(), url: '/x', socket: {} })).toBe(expected)
  })

  it('refuses it by a response that lacks removeHeader, too', async () => {
    const bad = { headers: { authorization: 'Bearer bad' } }
    expect(await outcomeOf(guard, bad, 'removeHeader')).toBe(401)
  })

  it('lets it pass all guards behind it', async () => {
    const made = { method: 'POST', url: '/x', headers: { authorization: `Bearer ${token}` } }
    for (const each of [
      securityHeaders(),
      csrfGuard(),
      guard,
      jtiBlocklist(store),
      requireScope('read'),
    ]) {
      expect(await outcomeOf(each, made)).toBe('next')
    }
    expect(await outcomeOf(logout(store), made)).toBe(204)
    expect(await outcomeOf(jtiBlocklist(store), made)).toBe(401)
  })
})
