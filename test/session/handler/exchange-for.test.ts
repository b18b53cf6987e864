import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { decodeJwt } from 'jose'
import express from 'express'
import request from 'supertest'
import { AuthError, clientSecretBasic, refuse, requireBearer } from '../../../lib/index.js'
import { exchangeFor, type ExchangedToken, type ExchangeOptions } from '../../../lib/session.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { CLIENT } from '../../../tools/login-provider.js'
import { startBff, type Bff } from '../../support/signed-in.js'

const BILLING = 'https://billing.example'

type Exchange = (req: express.Request) => Promise<ExchangedToken>

let bff: Bff
let exchange: Exchange
let ahead = 0

beforeAll(async () => {
  bff = await startBff({
    behind(app) {
      app.get('/api/bills', (req, res) => {
        exchange(req)
          .then((answer) => res.json(answer))
          .catch((error: unknown) => {
            if (error instanceof AuthError) refuse(req, res, error)
            else res.status(500).end(String(error))
          })
      })
    },
  })
  exchange = make()
})

afterEach(() => {
  ahead = 0
  bff.provider.trouble = undefined
  exchange = make()
})

afterAll(() => bff.close())

function make(options: Partial<ExchangeOptions> = {}, secret = CLIENT.secret): Exchange {
  return exchangeFor({
    audience: BILLING,
    clock: () => Date.now() / 1000 + ahead,
    client: {
      issuer: bff.provider.url,
      clientId: CLIENT.id,
      clientAuth: clientSecretBasic(secret),
    },
    ...options,
  })
}

function exchanges(): number {
  return bff.provider.grants.filter((grant) => grant.includes('token-exchange')).length
}

describe('exchangeFor behind bff.bearer', () => {
  it('gives a token of the other service, for the same user', async () => {
    exchange = make({ scope: 'bills:read' })
    const browser = await bff.logIn('alice')
    const { status, text } = await browser.visit(`${bff.app.url}/api/bills`)
    expect(status).toBe(200)
    const { token, expiresAt } = JSON.parse(text) as ExchangedToken
    const claims = decodeJwt(token)
    expect(claims).toMatchObject({ aud: BILLING, sub: 'alice', scope: 'bills:read' })
    expect(expiresAt).toBeLessThanOrEqual(Math.ceil(claims.exp ?? 0))
  })

  it('exchanges a token once, however many ask, and anew before its end', async () => {
    const browser = await bff.logIn('alice')
    const before = exchanges()
    const call = async (): Promise<number> =>
      (await browser.visit(`${bff.app.url}/api/bills`)).status
    expect(await Promise.all(Array.from({ length: 10 }, call))).toEqual(Array<number>(10).fill(200))
    expect([await call(), exchanges() - before]).toEqual([200, 1])
    ahead = 3590
    expect([await call(), exchanges() - before]).toEqual([200, 2])
  })

  it('gives each user a token of their own', async () => {
    const subjects = await Promise.all(
      ['alice', 'bob'].map(async (user) => {
        const browser = await bff.logIn(user)
        const { text } = await browser.visit(`${bff.app.url}/api/bills`)
        return decodeJwt((JSON.parse(text) as ExchangedToken).token).sub
      }),
    )
    expect(subjects).toEqual(['alice', 'bob'])
  })

  it('is 403 for a service that the issuer does not allow', async () => {
    exchange = make({ audience: 'https://forbidden.example' })
    const browser = await bff.logIn('alice')
    expect((await browser.visit(`${bff.app.url}/api/bills`)).status).toBe(403)
  })

  it('is 503 where the issuer refuses our own credentials, or is out', async () => {
    const browser = await bff.logIn('alice')
    exchange = make({}, 'another secret than that of the client')
    expect((await browser.visit(`${bff.app.url}/api/bills`)).status).toBe(503)
    exchange = make()
    bff.provider.trouble = async (path) => (path === '/token' ? 500 : undefined)
    expect((await browser.visit(`${bff.app.url}/api/bills`)).status).toBe(503)
    bff.provider.trouble = undefined
    expect((await browser.visit(`${bff.app.url}/api/bills`)).status).toBe(200)
  })

  it.each([
    [{ audience: '' }, /"audience" must be a non-empty string/],
    [{ scopes: 'a' }, /Did you mean "scope"/],
    [{ client: {} }, /"client.issuer" must be a non-empty string/],
    [{ client: { issuer: 'x' } }, /"client.issuer" must be a URL/],
    [{ client: { issuer: 'https://x.test', secret: 's' } }, /unknown option "client.secret"/],
  ])('refuses %j when it is made', (options, message) => {
    expect(() => make(options as never)).toThrow(message)
  })
})

describe('exchangeFor behind requireBearer', () => {
  const issuer = createTestIssuer()

  it('sends the token of the header; refused by the issuer, it is 401 by exchange_refused', async () => {
    const app = express()
    app.use(requireBearer(issuer.options))
    const seen: unknown[] = []
    app.get('/', (req, res) => {
      exchange(req).catch((error: unknown) => {
        seen.push(error)
        res.end()
      })
    })
    await issuer.authed(request(app).get('/'))
    expect(seen).toEqual([expect.objectContaining({ status: 401, reason: 'exchange_refused' })])
  })

  it('and bff.bearer exchanges the token that speaks for the request, and no other', async () => {
    const own = await startBff({
      behind(app) {
        const bearer = requireBearer(issuer.options)
        app.get('/api/both', bearer, (req, res) => {
          exchange(req)
            .then((answer) => res.json(answer))
            .catch((error: unknown) => res.json({ reason: (error as AuthError).reason }))
        })
      },
    })
    const browser = await own.logIn('alice')
    const headers = { authorization: `Bearer ${issuer.token({ sub: 'mallory' })}` }
    const { text } = await browser.visit(`${own.app.url}/api/both`, { headers })
    expect(text).toBe('{"reason":"exchange_refused"}')
    await own.close()
  })

  it('says what to do where the token is in a cookie', async () => {
    const app = express()
    app.use(requireBearer({ ...issuer.options, cookie: 'at' }))
    const seen: unknown[] = []
    app.get('/', (req, res) => {
      exchange(req).catch((error: unknown) => {
        seen.push(error)
        res.end()
      })
    })
    await request(app).get('/').set('Cookie', `at=${issuer.token()}`)
    expect(String(seen[0])).toMatch(/exchangeFor: the token of this request cannot be exchanged/)
  })
})
