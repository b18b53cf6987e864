import { describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import {
  authOf,
  AuthError,
  requireBearer,
  type Auth,
  type RequireBearerOptions,
  type TokenVerifier,
} from '../../lib/index.js'
import { serve } from '../../tools/server.js'

const names = new Set<string>()
const AUTH: Auth = Object.freeze({
  issuer: 'https://opaque.test',
  revocationIssuer: 'https://opaque.test',
  subject: 'ann',
  clientId: undefined,
  audience: [],
  scopes: names,
  roles: names,
  permissions: names,
  tokenId: 'token-1',
  sessionId: undefined,
  issuedAt: undefined,
  expiresAt: 2_000_000_000,
  version: undefined,
  claims: {},
  transport: 'header',
})

async function answer(
  verify: TokenVerifier['verify'],
  authorization = 'Bearer opaque',
  options: object = {},
): Promise<[number, string]> {
  const app = express()
  app.set('env', 'test')
  app.use(requireBearer({ verifier: { verify }, ...options }))
  app.get('/', (req, res) => void res.send(authOf(req).subject))
  const server = await serve(app)
  const response = await request(server.url).get('/').set('Authorization', authorization)
  await server.close()
  return [response.status, response.text]
}

const revoked = new AuthError('invalid_token', { reason: 'revoked' })

describe('requireBearer({ verifier })', () => {
  it.each([
    ['at once', () => AUTH],
    ['later', () => Promise.resolve(AUTH)],
  ])('lets pass whom it names %s', async (_name, verify) => {
    expect(await answer(verify)).toEqual([200, 'ann'])
  })

  it('tells the verifier of the token and of the request', async () => {
    const seen: unknown[] = []
    await answer((token, head) => {
      seen.push(
        token,
        head.method,
        head.url,
        head.header('authorization'),
        head.headerLines('authorization'),
      )
      return AUTH
    })
    const token = { token: 'opaque', scheme: 'Bearer', transport: 'header', throttled: false }
    expect(seen).toEqual([token, 'GET', '/', 'Bearer opaque', ['Bearer opaque']])
  })

  it.each<[string, TokenVerifier['verify']]>([
    ['returned', () => revoked],
    ['resolved', () => Promise.resolve(revoked)],
    ['rejected', () => Promise.reject(revoked)],
    [
      'thrown',
      () => {
        throw revoked
      },
    ],
  ])('answers its refusal, %s', async (_name, verify) => {
    expect((await answer(verify))[0]).toBe(401)
  })

  it.each([undefined, false, true, null, {}, 'ann'])(
    'takes %j for no Auth: 500, and never a yes',
    async (value) => {
      expect((await answer(() => value as never))[0]).toBe(500)
      expect((await answer(() => Promise.resolve(value as never)))[0]).toBe(500)
    },
  )

  it('never lets a refused token pass as anonymous', async () => {
    const none = new AuthError('no_credential', { reason: 'no_credential' })
    expect((await answer(() => none, 'Bearer opaque', { optional: true }))[0]).toBe(401)
  })

  it('is asked about nothing that is no token68', async () => {
    let asked = 0
    const verify = (): Auth => ((asked += 1), AUTH)
    expect((await answer(verify, 'Bearer a.b".c'))[0]).toBe(400)
    expect(asked).toBe(0)
  })

  it.each(['issuer', 'issuers', 'audience', 'jwks', 'validate', 'verifiedTokens'])(
    'stands for the issuer, and so refuses "%s" beside it',
    (name) => {
      const options = { verifier: { verify: () => AUTH }, [name]: 'x' }
      expect(() => requireBearer(options as RequireBearerOptions)).toThrow(
        `"${name}" must be left out`,
      )
    },
  )

  it('is checked at construction', () => {
    expect(() => requireBearer({ verifier: {} } as RequireBearerOptions)).toThrow(
      /"verifier" must have/,
    )
  })
})
