import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import {
  AuthError,
  authOf,
  jtiBlocklist,
  memoryRevocationStore,
  protectedResourceMetadata,
  requireScope,
  verifyUpgrade,
  type Middleware,
} from '../../lib/index.js'
import { connectSocket, greeting, socketTests } from '../support/socket-api.js'

const sockets = socketTests()

describe('verifyUpgrade', () => {
  it('resolves to what the token means, and leaves it for authOf', async () => {
    const api = await sockets.start()
    expect(await greeting(api, await sockets.asHeader({ sub: 'ada' }))).toBe('hello ada')
    expect(authOf(api.last.req!)).toBe(api.last.auth)
    expect(api.events.map(({ name }) => name)).toContain('bearer.accepted')
  })

  it.each([
    ['no token', {}, 401, 'no_credential'],
    ['a malformed header', { authorization: 'Bearer a b' }, 400, 'malformed_authorization'],
    ['a forged token', { authorization: 'Bearer a.b.c' }, 401, 'malformed_token'],
  ])('rejects with the AuthError for %s', async (_case, headers, status, reason) => {
    const api = await sockets.start()
    expect(await greeting(api, headers)).toBe(status)
    expect(api.last.error).toBeInstanceOf(AuthError)
    expect(api.last.error).toMatchObject({ status, reason })
    expect(api.events.at(-1)).toMatchObject({ name: 'request.refused', status, reason })
  })

  it.each([
    ['a challenge', {}, 'www-authenticate', /^Bearer realm="chat"/],
    [
      'the challenge of a bad token',
      { authorization: 'Bearer x.y.z' },
      'www-authenticate',
      /^Bearer realm="chat", error=/,
    ],
  ])('has %s for the answer', async (_case, headers, name, expected) => {
    const api = await sockets.start([], { realm: 'chat' })
    const socket = connectSocket(api.url, headers)
    const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(answer.headers[name]).toMatch(expected)
  })

  it('rejects for an expired token', async () => {
    const api = await sockets.start()
    expect(await greeting(api, await sockets.asHeader({ exp: 1 }))).toBe(401)
    expect(api.last.error).toMatchObject({ reason: 'expired' })
  })

  it('runs the guards behind in their order (9110-18)', async () => {
    const store = memoryRevocationStore()
    const api = await sockets.start([jtiBlocklist(store), requireScope('chat')])
    expect(await greeting(api, await sockets.asHeader({ scope: 'chat' }))).toMatch(/^hello/)
    expect(await greeting(api, await sockets.asHeader({ scope: 'read' }))).toBe(403)
    expect(api.last.error).toMatchObject({ reason: 'scope_missing', scopes: ['chat'] })
    await store.revokeAll()
    expect(await greeting(api, await sockets.asHeader({ scope: 'read' }))).toBe(401)
    expect(api.last.error).toMatchObject({ reason: 'revoked' })
  })

  it('rejects where we cannot know', async () => {
    const store = memoryRevocationStore()
    await store.close()
    const api = await sockets.start([jtiBlocklist(store)])
    expect(await greeting(api, await sockets.asHeader())).toBe(503)
    expect(api.last.error).toMatchObject({ reason: 'revocation_unavailable' })
  })

  it('rejects an anonymous handshake, also where requests may be anonymous', async () => {
    const api = await sockets.start([], { optional: true })
    expect(await greeting(api, {})).toBe(401)
    expect(api.last.error).toMatchObject({ code: 'no_credential' })
  })

  it('rejects in place of an onRefuse, which would answer a response that nobody gets', async () => {
    let called = 0
    const api = await sockets.start([], { onRefuse: () => void (called += 1) })
    expect(await greeting(api, {})).toBe(401)
    expect(called).toBe(0)
  })

  it('rejects for a foreign middleware that answers, throws or passes an error on', async () => {
    const answers: readonly [Middleware, RegExp][] = [
      [(_req, res) => void res.writeHead(418).end('teapot'), /answered by itself \(418\)/],
      [(_req, _res, next) => next(new Error('no luck')), /no luck/],
      [
        () => {
          throw new Error('a bug')
        },
        /a bug/,
      ],
    ]
    for (const [guard, message] of answers) {
      const api = await sockets.start([guard])
      expect(await greeting(api, await sockets.asHeader())).toBe(500)
      expect((api.last.error as Error).message).toMatch(message)
    }
  })

  it('rejects at the path of metadata that requests get without a token', async () => {
    const api = await sockets.start()
    protectedResourceMetadata(api.bearer, { resource: 'https://api.test' })
    const at = { ...api, url: `${api.url}/.well-known/oauth-protected-resource` }
    expect(await greeting(at, {})).toBe(401)
    expect(api.last.error).toBeInstanceOf(AuthError)
  })

  it('counts bad tokens for the throttle', async () => {
    const api = await sockets.start([], { throttle: { failuresPerNetwork: 2, windowSeconds: 60 } })
    const bad = { authorization: `Bearer ${sockets.issuer.wrongAudience()}` }
    const statuses = []
    for (let count = 0; count < 4; count += 1) statuses.push(await greeting(api, bad))
    expect(statuses).toEqual([401, 401, 429, 429])
  })

  it.each([
    ['no function', undefined],
    ['no requireBearer', requireScope('chat')],
    ['a promise', Promise.resolve()],
  ])('is refused at construction with %s', (_case, bearer) => {
    expect(() => verifyUpgrade(bearer as never)).toThrow(/verifyUpgrade: "bearer" must be/)
  })

  it('is refused at construction with a guard that is none', async () => {
    const { bearer } = await sockets.start()
    expect(() => verifyUpgrade(bearer, undefined as never)).toThrow(/"guards" must be middlewares/)
  })
})
