import { once } from 'node:events'
import { describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import {
  authOf,
  authSignal,
  jtiAllowlist,
  memoryRevocationStore,
  requireBearer,
  RevocationUnavailable,
  type AuthError,
  type RevocationStore,
  type RevocationVerdict,
} from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { serve } from '../../tools/server.js'
import { itKeepsTheAllowlistContract } from '../contract/allowlist.js'
import { startAllowlisted } from '../support/allowlisted.js'
import { token } from '../support/redis-store.js'

describe('jtiAllowlist over memoryRevocationStore', () => {
  itKeepsTheAllowlistContract(async (options) => ({
    store: memoryRevocationStore(options),
    end: () => Promise.resolve(),
  }))

  it('does not register where the store is full, and forgets nobody for it', async () => {
    const store = memoryRevocationStore({ maxEntries: 1 })
    const api = await startAllowlisted(store)
    await api.allowlist.register(token())
    await expect(api.allowlist.register(token({ tokenId: 'token-2' }))).rejects.toThrow('full')
    expect(await api.judged(token())).toBe('passed')
    expect(await api.judged(token({ tokenId: 'token-2' }))).toBe('not_registered')
    await api.close()
  })
})

const down = (): never => {
  throw new RevocationUnavailable('down', { retryAfterSeconds: 7 })
}
const OUTAGES: readonly (readonly [string, () => unknown])[] = [
  ['throws', down],
  ['rejects', async () => down()],
  ['rejects with something that is no error', () => Promise.reject('down')],
  ['answers nothing', () => undefined],
  ['answers true', () => true],
  ['answers null in time', () => Promise.resolve(null)],
  ['answers in words', () => ({ revoked: 'no', by: 'token' })],
]

/** A store that fails where it is asked about the list, about the token itself, or about both. */
function failing(fail: () => unknown, which: (issuer: string) => boolean): RevocationStore {
  const store = memoryRevocationStore()
  const check = (query: Parameters<RevocationStore['check']>[0]): RevocationVerdict =>
    (which(query.issuer) ? fail() : store.check(query)) as RevocationVerdict
  return { ...store, check }
}

const isList = (issuer: string): boolean => issuer.startsWith('registered')

describe('a store that does not answer', () => {
  describe.each([
    ['about the list', isList],
    ['about the token', (issuer: string) => !isList(issuer)],
    ['at all', () => true],
  ])('%s', (_where, which) => {
    it.each(OUTAGES)('lets nobody pass where it %s: 503', async (_way, fail) => {
      const api = await startAllowlisted(failing(fail, which))
      await api.allowlist.register(token())
      const answer = await api.get(token())
      expect(answer.status).toBe(503)
      expect(answer.headers['www-authenticate']).toBeUndefined()
      expect(await api.judged(token())).toBe('revocation_unavailable')
      await api.close()
    })
  })

  it.each(['session', 'subject', 'all', 'floor', 'lifetime', 'of late'])(
    'is not taken to say "registered" where it says: revoked by %s',
    async (by) => {
      const api = await startAllowlisted(failing(() => ({ revoked: true, by }), isList))
      expect(await api.judged(token())).toBe('not_registered')
      await api.close()
    },
  )
})

describe('jtiAllowlist', () => {
  it('lets an anonymous request pass where requireBearer does', async () => {
    const bearer = requireBearer({ optional: true, verifier: { verify: down } })
    const app = express()
    app.get('/', bearer, jtiAllowlist(memoryRevocationStore()), (_req, res) => void res.end())
    const server = await serve(app)
    expect((await request(server.url).get('/')).status).toBe(200)
    await server.close()
  })

  it('ends a stream once its token is revoked', async () => {
    const store = memoryRevocationStore()
    const allowlist = jtiAllowlist(store)
    const issuer = createTestIssuer()
    const app = express()
    app.get('/', requireBearer(issuer.options), allowlist, (req, res) => {
      const signal = authSignal(req)
      const ended = once(signal, 'abort').then(() => (signal.reason as AuthError).reason)
      void store.revokeToken(authOf(req))
      void ended.then((reason) => res.send(reason))
    })
    const server = await serve(app)
    const jti = 'streaming'
    const expiresAt = Date.now() / 1000 + 300
    await allowlist.register({ issuer: issuer.issuer, tokenId: jti, expiresAt })
    const answer = await issuer.authed(request(server.url).get('/'), { jti })
    expect(answer.text).toBe('revoked')
    await server.close()
  })

  it('is a fault of the program without requireBearer before it: 500', async () => {
    const app = express()
    app.get('/', jtiAllowlist(memoryRevocationStore()), (_req, res) => void res.end())
    app.use(((error: Error, _req, res, _next) => {
      res.status(500).end(error.message)
    }) as express.ErrorRequestHandler)
    const server = await serve(app)
    const answer = await request(server.url).get('/')
    expect([answer.status, answer.text]).toEqual([
      500,
      expect.stringMatching(/^jtiAllowlist: no requireBearer/),
    ])
    await server.close()
  })

  it.each([undefined, {}, { check: () => ({ revoked: false }) }, memoryRevocationStore])(
    'does not construct over %p, which cannot remember a token',
    (store) => {
      expect(() => jtiAllowlist(store as unknown as RevocationStore)).toThrow(/"store" must be/)
    },
  )
})
