import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import {
  authOf,
  requireBearer,
  type AuthEvent,
  type BearerGuard,
  type IssuerOptions,
  type IssuerResolver,
} from '../../../lib/index.js'
import { createSigningKey, startIssuer, type TestIssuer } from '../../../tools/issuer.js'

let acme: TestIssuer
let globex: TestIssuer
const events: AuthEvent[] = []

beforeEach(async () => {
  acme = await startIssuer()
  globex = await startIssuer({ alg: 'ES256' })
})

afterEach(async () => {
  events.length = 0
  await acme.close()
  await globex.close()
})

const optionsOf = ({ url, audience }: TestIssuer): IssuerOptions => ({ issuer: url, audience })

function api(issuers: readonly IssuerOptions[] | IssuerResolver) {
  const guard: BearerGuard = requireBearer({ issuers, onEvent: (event) => events.push(event) })
  const app = express()
  app.use(guard)
  app.get('/', (req, res) => void res.json({ issuer: authOf(req).issuer }))
  return {
    guard,
    get: (token: string) => request(app).get('/').set('Authorization', `Bearer ${token}`),
  }
}

function reason(): unknown {
  return events.findLast((event) => event.name === 'request.refused')?.reason
}

describe('a closed list of issuers', () => {
  it('takes the tokens of each', async () => {
    const { get } = api([optionsOf(acme), optionsOf(globex)])
    expect((await get(await acme.token())).body).toEqual({ issuer: acme.url })
    expect((await get(await globex.token())).body).toEqual({ issuer: globex.url })
  })

  it('refuses a foreign issuer before any network (8725-13)', async () => {
    const { get } = api([optionsOf(acme)])
    expect((await get(await globex.token())).status).toBe(401)
    expect(reason()).toBe('unknown_issuer')
    expect([...acme.requests, ...globex.requests]).toEqual([])
  })

  it('never verifies a token of one with the keys of another, not even under one kid (8725-13)', async () => {
    const forger = await createSigningKey('key-1', 'ES256')
    globex.keys = [forger.jwk]
    const { get } = api([optionsOf(acme), optionsOf(globex)])
    expect((await get(await acme.token({}, {}, forger))).status).toBe(401)
    expect((await get(await acme.token({ iss: globex.url }))).status).toBe(401)
  })

  it('allows each issuer its own algorithms (8725-04)', async () => {
    const { get } = api([
      { ...optionsOf(acme), algorithms: ['RS256'] },
      { ...optionsOf(globex), algorithms: ['RS256'] },
    ])
    expect((await get(await acme.token())).status).toBe(200)
    expect((await get(await globex.token())).status).toBe(401)
    expect(reason()).toBe('algorithm_not_allowed')
  })

  it('goes on for the others while one is down', async () => {
    acme.intercept = (req) => {
      req.socket.destroy()
      return true
    }
    const { get, guard } = api([optionsOf(acme), optionsOf(globex)])
    expect((await get(await acme.token())).status).toBe(503)
    expect((await get(await globex.token())).status).toBe(200)
    expect(guard.status().map(({ state }) => state)).toEqual(['empty', 'fresh'])
  })

  it.each([
    ['the same issuer twice', () => [optionsOf(acme), optionsOf(acme)], /name each issuer once/],
    ['no issuer', () => [], /at least one/],
    [
      'a misspelt option within',
      () => [{ ...optionsOf(acme), audiance: 'x' }],
      /Did you mean "audience"/,
    ],
  ])('is refused at construction with %s', (_name, issuers, message) => {
    expect(() => requireBearer({ issuers: issuers() })).toThrow(message)
  })

  it('does not stand beside "issuer"', () => {
    expect(() => requireBearer({ ...optionsOf(acme), issuers: [] as never })).toThrow(
      /within "issuers"/,
    )
  })
})

function resolver(overrides: Partial<IssuerResolver> = {}) {
  const resolved: string[] = []
  return {
    resolved,
    allow: (issuer: string) => issuer === acme.url,
    async resolve(issuer: string) {
      resolved.push(issuer)
      return { issuer, audience: acme.audience }
    },
    ...overrides,
  }
}

describe('a resolver of issuers', () => {
  it('is asked once for an issuer, however many requests wait', async () => {
    const issuers = resolver()
    const { get } = api(issuers)
    const token = await acme.token()
    const statuses = await Promise.all(
      Array.from({ length: 5 }, async () => (await get(token)).status),
    )
    expect(statuses).toEqual([200, 200, 200, 200, 200])
    expect(issuers.resolved).toEqual([acme.url])
  })

  it('is not asked about an issuer that it does not allow', async () => {
    const issuers = resolver()
    const { get } = api(issuers)
    expect((await get(await globex.token())).status).toBe(401)
    expect(issuers.resolved).toEqual([])
  })

  it('can withdraw an issuer, also for tokens that were verified before', async () => {
    let allowed = true
    const { get } = api(resolver({ allow: () => allowed }))
    const token = await acme.token()
    expect((await get(token)).status).toBe(200)
    allowed = false
    expect((await get(token)).status).toBe(401)
    expect(reason()).toBe('unknown_issuer')
  })

  it('refuses the token of an issuer that it does not know, and does not call that an outage', async () => {
    const issuers = resolver({ resolve: () => Promise.resolve(undefined) })
    const { get } = api(issuers)
    expect((await get(await acme.token())).status).toBe(401)
    expect(reason()).toBe('unknown_issuer')
  })

  it.each([
    ['a promise, which is truthy whatever it resolves with', () => Promise.resolve(false)],
    ['what a search returned', () => ['https://id.test']],
  ])('admits nobody by %s', async (_name, allow) => {
    const issuers = resolver({ allow: allow as never })
    const { get } = api(issuers)
    expect((await get(await acme.token())).status).toBe(401)
    expect(reason()).toBe('unknown_issuer')
    expect(issuers.resolved).toEqual([])
  })

  it('keeps an issuer whose tokens verified through a flood of others, real or invented', async () => {
    const real = new Set([acme.url])
    const issuers = resolver({
      allow: () => true,
      resolve: async (issuer) =>
        real.has(issuer) || issuer.endsWith('/real')
          ? { issuer, audience: acme.audience }
          : undefined,
    })
    const { get } = api(issuers)
    expect((await get(await acme.token())).status).toBe(200)
    const flood = (kind: string): Promise<readonly number[]> =>
      Promise.all(
        Array.from({ length: 150 }, async (_, index) => {
          const token = await acme.token({ iss: `http://127.0.0.1:1/${index}/${kind}` })
          return (await get(token)).status
        }),
      )
    expect(new Set(await flood('invented'))).toEqual(new Set([401]))
    expect(new Set(await flood('real'))).toEqual(new Set([503]))
    real.clear()
    expect((await get(await acme.token())).status).toBe(200)
  })

  it('lets a new issuer in while a stranger invents others', async () => {
    const issuers = resolver({
      allow: () => true,
      resolve: async (issuer) =>
        issuer === acme.url ? { issuer, audience: acme.audience } : undefined,
    })
    const { get } = api(issuers)
    const flood = Array.from({ length: 300 }, async (_, index) =>
      get(await acme.token({ iss: `${acme.url}/${index}` })),
    )
    expect((await get(await acme.token())).status).toBe(200)
    const statuses = (await Promise.all(flood)).map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([401]))
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('database down'))],
    [
      'gives the options of another issuer',
      () => Promise.resolve({ issuer: 'https://x.test', audience: 'a' }),
    ],
    ['gives options that are wrong', () => Promise.resolve({ issuer: acme.url } as never)],
  ])('that %s is an outage, and is asked again', async (_name, fail) => {
    let failing = true
    const issuers = resolver()
    const { get } = api({
      ...issuers,
      resolve: (issuer) => (failing ? fail() : issuers.resolve(issuer)),
    })
    const response = await get(await acme.token())
    expect(response.status).toBe(503)
    expect(response.headers['retry-after']).toBe('1')
    expect(reason()).toBe('issuer_unresolved')
    failing = false
    expect((await get(await acme.token())).status).toBe(200)
  })
})
