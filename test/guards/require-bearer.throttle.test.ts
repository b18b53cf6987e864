import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { ServerResponse } from 'node:http'
import express, { type Express } from 'express'
import { CompactEncrypt, exportJWK, generateKeyPair } from 'jose'
import request from 'supertest'
import { systemTimer } from '../../lib/core/clock.js'
import { AuthError, invalidToken } from '../../lib/core/verdicts/errors.js'
import { createEvents } from '../../lib/core/events/events.js'
import { optionCheck } from '../../lib/core/options/option-check.js'
import { createThrottle } from '../../lib/http/throttle/failure-throttle.js'
import {
  requireBearer,
  type AuthEvent,
  type BearerOptions,
  type IssuerOptions,
  type IssuerResolver,
} from '../../lib/index.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import {
  createSigningKey,
  sendJson,
  startIssuer,
  type SigningKey,
  type TestIssuer,
} from '../../tools/issuer.js'
import { until } from '../../tools/until.js'

let issuer: TestIssuer

beforeAll(async () => {
  issuer = await startIssuer()
})

afterAll(async () => {
  await issuer.close()
})

async function get(app: Express, token: string, ip = '192.0.2.1'): Promise<request.Response> {
  return request(app).get('/').set('X-Forwarded-For', ip).set('Authorization', `Bearer ${token}`)
}

async function failThrice(app: Express): Promise<void> {
  for (const token of ['a.b.c', 'a.b.d', 'a.b.e']) {
    expect((await get(app, token)).status).toBe(401)
  }
}

describe.each(EXPRESS_VERSIONS)('requireBearer with a throttle on %s', (_version, createApp) => {
  function api(options: Partial<BearerOptions> = {}): Express {
    const app = createApp()
    app.set('trust proxy', 1)
    const { url, audience } = issuer
    app.use(
      requireBearer({ issuer: url, audience, throttle: { failuresPerNetwork: 3 }, ...options }),
    )
    app.get('/', (_req, res) => void res.sendStatus(204))
    return app
  }

  it('answers the fourth bad token of a network with 429 and no reason (RL-01, RL-07)', async () => {
    const events: AuthEvent[] = []
    const app = api({ onEvent: (event) => events.push(event) })
    await failThrice(app)
    const response = await get(app, 'a.b.f')
    expect(response.status).toBe(429)
    expect(response.body).toMatchObject({ error: 'too_many_requests' })
    expect(response.headers).not.toHaveProperty('www-authenticate')
    expect(response.headers['cache-control']).toBe('no-store')
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(50)
    expect(events.at(-1)).toMatchObject({ reason: 'rate_limited', status: 429 })
  })

  it('lets a good token of that network pass, and counts on after it (RL-07)', async () => {
    const app = api()
    await failThrice(app)
    expect((await get(app, await issuer.token())).status).toBe(204)
    expect((await get(app, 'a.b.f')).status).toBe(429)
  })

  it('counts each network for itself', async () => {
    const app = api()
    await failThrice(app)
    expect((await get(app, 'a.b.f', '192.0.2.2')).status).toBe(401)
  })

  it('counts neither expired tokens nor requests without one', async () => {
    const app = api()
    const now = Math.floor(Date.now() / 1000)
    const expired = await issuer.token({ iat: now - 600, exp: now - 300 })
    for (let count = 0; count < 4; count += 1) {
      expect((await get(app, expired)).status).toBe(401)
      expect((await request(app).get('/')).status).toBe(401)
    }
    expect((await get(app, 'a.b.c')).status).toBe(401)
  })
})

async function signed(key: SigningKey, header: object = {}): Promise<string> {
  return issuer.token({}, { kid: key.kid, ...header }, key)
}

const fetches = (): number => issuer.requests.filter((path) => path === '/jwks').length

/** An app, and three failures of the network that `get` speaks for. */
async function blocked(
  options: Partial<BearerOptions & IssuerOptions> = {},
): Promise<{ app: Express; events: AuthEvent[] }> {
  const events: AuthEvent[] = []
  const app = express()
  app.set('trust proxy', 1)
  const { url, audience } = issuer
  const onEvent = (event: AuthEvent): number => events.push(event)
  app.use(
    requireBearer({
      issuer: url,
      audience,
      throttle: { failuresPerNetwork: 3 },
      onEvent,
      ...options,
    }),
  )
  app.get('/', (_req, res) => void res.sendStatus(204))
  await failThrice(app)
  return { app, events }
}

describe('a network over its limit', () => {
  it('makes no unknown "kid" cost a refetch, and others do', async () => {
    const { app, events } = await blocked()
    expect((await get(app, await issuer.token())).status).toBe(204)
    const stranger = await createSigningKey('stranger')
    const before = fetches()
    const response = await get(app, await signed(stranger))
    expect(response.status).toBe(429)
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(50)
    expect(events.at(-1)).toMatchObject({ detail: expect.stringContaining('a refetch of keys') })
    expect(fetches()).toBe(before)
    expect((await get(app, await signed(stranger), '192.0.2.2')).status).toBe(401)
    expect(fetches()).toBe(before + 1)
  })

  it.each([
    ['with', {}],
    ['without', { kid: undefined }],
  ])(
    'has its tokens of a rotated key, %s "kid", back once others have fetched it',
    async (_name, header) => {
      const { kid: _kid, ...first } = issuer.key.jwk
      const next = await createSigningKey('next')
      const { kid: _nextKid, ...second } = next.jwk
      issuer.keys = 'kid' in header ? [first] : [issuer.key.jwk]
      const { app } = await blocked()
      expect((await get(app, await signed(issuer.key, header))).status).toBe(204)
      issuer.keys = 'kid' in header ? [second] : [next.jwk]
      const token = await signed(next, header)
      expect((await get(app, token)).status).toBe(429)
      expect((await get(app, token, '192.0.2.2')).status).toBe(204)
      expect((await get(app, token)).status).toBe(204)
      expect((await get(app, await signed(next, header))).status).toBe(204)
      issuer.keys = [issuer.key.jwk]
    },
  )

  it('has nothing decrypted but what was remembered', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { extractable: true })
    const encrypted = async (): Promise<string> =>
      new CompactEncrypt(new TextEncoder().encode(await issuer.token()))
        .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A128GCM', cty: 'JWT' })
        .encrypt(publicKey)
    const { app } = await blocked({ decryptionKeys: [await exportJWK(privateKey)] })
    const token = await encrypted()
    expect((await get(app, token)).status).toBe(429)
    expect((await get(app, token, '192.0.2.2')).status).toBe(204)
    expect((await get(app, token)).status).toBe(204)
    expect((await get(app, await encrypted())).status).toBe(429)
  })

  it('has no issuer resolved', async () => {
    const asked: string[] = []
    const { url, audience } = issuer
    const app = express()
    app.set('trust proxy', 1)
    const issuers: IssuerResolver = {
      allow: () => true,
      resolve: async (name) => {
        asked.push(name)
        return name === url ? { issuer: url, audience } : undefined
      },
    }
    app.use(requireBearer({ issuers, throttle: { failuresPerNetwork: 3 } }))
    app.get('/', (_req, res) => void res.sendStatus(204))
    await failThrice(app)
    const token = await issuer.token()
    expect((await get(app, token)).status).toBe(429)
    expect(asked).toEqual([])
    expect((await get(app, token, '192.0.2.2')).status).toBe(204)
    expect((await get(app, await issuer.token())).status).toBe(204)
    expect(asked).toEqual([url])
  })

  it('neither waits for a refetch that others caused, nor spoils it for them', async () => {
    const { app } = await blocked()
    expect((await get(app, await issuer.token())).status).toBe(204)
    const next = await createSigningKey('next')
    issuer.keys = [next.jwk]
    const token = await signed(next)
    const held: ServerResponse[] = []
    issuer.intercept = (_req, res) => held.push(res) > 0
    const theirs = get(app, token, '192.0.2.2')
    await until(() => expect(held).toHaveLength(1))
    expect((await get(app, token)).status).toBe(429)
    issuer.intercept = undefined
    sendJson(held[0]!, { keys: issuer.keys })
    expect((await theirs).status).toBe(204)
    issuer.keys = [issuer.key.jwk]
  })
})

describe('createThrottle', () => {
  const check = optionCheck('requireBearer')
  const request1 = { address: '192.0.2.1', gone: false }
  const events = createEvents()

  it('forgets when the window ends, and counts no outage', () => {
    let now = 0
    const throttle = createThrottle(
      check,
      { failuresPerNetwork: 1, windowSeconds: 10 },
      { timer: { ...systemTimer, now: () => now }, events },
    )!
    const bad = invalidToken('bad_signature')
    const outage = new AuthError('temporarily_unavailable', { reason: 'keys_unavailable' })
    expect(throttle.throttles(request1)).toBe(false)
    expect(throttle.answerTo(request1, bad)).toBe(bad)
    expect(throttle.throttles(request1)).toBe(true)
    now = 4500
    expect(throttle.answerTo(request1, bad)).toMatchObject({ status: 429, retryAfterSeconds: 6 })
    expect(throttle.answerTo(request1, outage)).toBe(outage)
    now = 10_000
    expect(throttle.throttles(request1)).toBe(false)
    expect(throttle.answerTo(request1, bad)).toBe(bad)
  })

  it.each([
    [{ failuresPerNetwork: 0 }, /"throttle.failuresPerNetwork" must be/],
    [{ windowSeconds: 0 }, /"throttle.windowSeconds" must be/],
    [{ limit: 5 } as never, /unknown option "throttle.limit"/],
    [{ redis: 'redis://127.0.0.1' }, /"throttle.secret" must be given/],
    [{ redis: { call: () => undefined } } as never, /"throttle.secret" must be given/],
    [
      { redis: { call: () => undefined }, secret: 'short' } as never,
      /"throttle.secret" must hold strings or bytes of at least 32 bytes/,
    ],
  ])('refuses %j at construction', (options, complaint) => {
    expect(() => createThrottle(check, options, { timer: systemTimer, events })).toThrow(complaint)
  })
})
