import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import { authOf, memoryRevocationStore, requireBearer, type AuthEvent } from '../../../lib/index.js'
import type { TestClock } from '../../../lib/testing.js'
import { frozenClock, startApi, type TestApi, type TestApiOptions } from '../../../tools/api.js'
import { createSigningKey, startIssuer, type TestIssuer } from '../../../tools/issuer.js'
import { rawRequest } from '../../../tools/server.js'
import { until } from '../../../tools/until.js'

let issuer: TestIssuer
let clock: TestClock
let api: TestApi | undefined

beforeEach(async () => {
  clock = frozenClock()
  issuer = await startIssuer({ clock })
})

afterEach(async () => {
  await api?.close()
  await issuer.close()
})

async function start(options: TestApiOptions = {}): Promise<TestApi> {
  api = await startApi(issuer, { clock, ...options })
  return api
}

describe('a token that is verified for the first time', () => {
  it('is refused where it expires while its key is fetched', async () => {
    const { get, reason } = await start()
    const token = await issuer.token()
    issuer.intercept = (req) => {
      if (req.url === '/jwks') clock.now += 3600
      return false
    }
    expect((await get(token)).status).toBe(401)
    expect(reason()).toBe('expired')
  })
})

describe('a token that was verified before', () => {
  it('passes again with the same meaning (X-10)', async () => {
    const { get } = await start()
    const token = await issuer.token({ sub: 'ann' })
    const [first, second] = [await get(token), await get(token)]
    expect(second.status).toBe(200)
    expect(second.body).toEqual(first.body)
  })

  it('is refused from the second of its "exp" on (9700-02, X-10)', async () => {
    const { get, reason } = await start()
    const token = await issuer.token({ exp: clock.now + 10 })
    expect((await get(token)).status).toBe(200)
    clock.now += 10
    expect((await get(token)).status).toBe(401)
    expect(reason()).toBe('expired')
  })

  it('is refused once it is older than "maxAgeSeconds"', async () => {
    const { get, reason } = await start({ maxAgeSeconds: 60 })
    const token = await issuer.token()
    expect((await get(token)).status).toBe(200)
    clock.now += 61
    expect((await get(token)).status).toBe(401)
    expect(reason()).toBe('too_old')
  })

  it('is put before the app’s own rule each time', async () => {
    let asked = 0
    const validate = (): void => {
      asked += 1
      if (asked > 1) throw new Error('no more')
    }
    const { get, reason } = await start({ validate })
    const token = await issuer.token()
    expect((await get(token)).status).toBe(200)
    expect((await get(token)).status).toBe(401)
    expect(reason()).toBe('refused_by_validate')
  })

  it('is asked about at the denylist each time (X-10)', async () => {
    const store = memoryRevocationStore({ clock })
    const { get, reason } = await start({ store })
    const token = await issuer.token({ jti: 'a' })
    expect((await get(token)).status).toBe(200)
    await store.revokeToken({ issuer: issuer.url, tokenId: 'a', expiresAt: clock.now + 300 })
    expect((await get(token)).status).toBe(401)
    expect(reason()).toBe('revoked')
  })

  it('is refused once its key is withdrawn, while tokens of a kept key pass (7517-10)', async () => {
    const kept = await createSigningKey('kept')
    issuer.keys = [issuer.key.jwk, kept.jwk]
    const { get, reason } = await start()
    const [withdrawn, other] = [await issuer.token(), await issuer.token({}, {}, kept)]
    expect((await get(withdrawn)).status).toBe(200)
    expect((await get(other)).status).toBe(200)
    issuer.keys = [kept.jwk]
    await get(await issuer.token({}, { kid: 'unknown' }))
    expect((await get(withdrawn)).status).toBe(401)
    expect(reason()).toBe('unknown_key')
    expect((await get(other)).status).toBe(200)
  })

  it('lends nothing to a forged token with the same signature (6750-22)', async () => {
    const { get, reason } = await start()
    const token = await issuer.token({ scope: 'read' })
    expect((await get(token)).status).toBe(200)
    const [header, payload, signature] = token.split('.')
    const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as object
    const raised = Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url')
    for (let turn = 0; turn < 2; turn += 1) {
      expect((await get(`${header}.${raised}.${signature}`)).status).toBe(401)
      expect(reason()).toBe('bad_signature')
    }
    expect((await get(token)).status).toBe(200)
  })

  it('cannot be changed by a handler for later requests', async () => {
    const guard = requireBearer({ issuer: issuer.url, audience: issuer.audience, clock })
    const app = express().use(guard)
    app.get('/', (req, res) => {
      const auth = authOf(req)
      const changes: readonly (() => unknown)[] = [
        () => Object.assign(auth, { subject: 'admin' }),
        () => Object.assign(auth.claims, { sub: 'admin' }),
        () => (auth.scopes as Set<string>).add('admin'),
      ]
      res.json(changes.map(isRefused))
    })
    const line = `Bearer ${await issuer.token()}`
    const response = await request(app).get('/').set('Authorization', line)
    expect(response.body).toEqual([true, true, true])
  })

  it('is verified anew each time with verifiedTokens: false', async () => {
    const { get } = await start({ verifiedTokens: false })
    const token = await issuer.token()
    expect((await get(token)).status).toBe(200)
    expect((await get(token)).status).toBe(200)
  })
})

describe('a forged token that was seen before', () => {
  it('is judged again once the issuer’s keys change', async () => {
    const { get, guard } = await start()
    await guard.ready()
    const next = await createSigningKey('key-1')
    const early = await issuer.token({}, {}, next)
    expect((await get(early)).status).toBe(401)
    expect((await get(early)).status).toBe(401)
    issuer.keys = [next.jwk]
    await get(await issuer.token({}, { kid: 'unknown' }))
    expect((await get(early)).status).toBe(200)
  })

  it('is known by what it came in, before anything in it is read or judged', async () => {
    const { get, reason, guard } = await start()
    await guard.ready()
    const forged = await issuer.token({}, {}, await createSigningKey('key-1'))
    expect((await get(forged)).status).toBe(401)
    clock.now += 3600
    expect((await get(forged)).status).toBe(401)
    expect(reason()).toBe('bad_signature')
  })

  it('is no more than unknown once its issuer is not admitted', async () => {
    let admitted = true
    const events: AuthEvent[] = []
    const guard = requireBearer({
      issuers: {
        allow: (name) => admitted && name === issuer.url,
        resolve: async (name) => ({ issuer: name, audience: issuer.audience }),
      },
      clock,
      onEvent: (event) => events.push(event),
    })
    const app = express().use(guard)
    const line = `Bearer ${await issuer.token({}, {}, await createSigningKey('key-1'))}`
    const reasonOfNext = async (): Promise<unknown> => {
      expect((await request(app).get('/').set('Authorization', line)).status).toBe(401)
      return events.findLast((event) => event.name === 'request.refused')
    }
    // The first one fetches the keys, and is not remembered under those that were not there.
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await reasonOfNext()).toMatchObject({ detail: 'The signature does not verify' })
    }
    expect(await reasonOfNext()).toMatchObject({ detail: 'The signature did not verify before' })
    admitted = false
    expect(await reasonOfNext()).toMatchObject({ reason: 'unknown_issuer' })
    guard.close()
  })

  it('costs no second check of its signature', async () => {
    const { get, events, guard } = await start()
    await guard.ready()
    const forged = await issuer.token({}, {}, await createSigningKey('key-1'))
    for (let turn = 0; turn < 2; turn += 1) expect((await get(forged)).status).toBe(401)
    expect(events.at(-1)).toMatchObject({ detail: 'The signature did not verify before' })
  })

  it('is judged again each time without "kid": its key may be one that was not fetched yet', async () => {
    const { get, events, guard } = await start()
    await guard.ready()
    const forged = await issuer.token({}, { kid: undefined }, await createSigningKey('forger'))
    for (let turn = 0; turn < 2; turn += 1) expect((await get(forged)).status).toBe(401)
    expect(events.at(-1)).toMatchObject({ detail: 'The signature does not verify' })
  })

  it('is not called forged in an outage, though it came before there were keys', async () => {
    const { get, guard } = await start({ keyCache: { ttlSeconds: 0.2, maxStaleSeconds: 0.1 } })
    const forged = await issuer.token({}, {}, await createSigningKey('key-1'))
    expect((await get(forged)).status).toBe(401)
    issuer.intercept = (_req, res) => {
      res.statusCode = 500
      res.end()
      return true
    }
    await until(() => expect(guard.status()).toMatchObject([{ state: 'dead' }]))
    expect((await get(forged)).status).toBe(503)
  })
})

describe('the same new token in many requests at once', () => {
  it('passes in each, and each is judged by itself', async () => {
    let asked = 0
    const { port } = await start({ validate: () => void (asked += 1) })
    const line = `Authorization: Bearer ${await issuer.token()}`
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => rawRequest(port, [line], 'GET /r HTTP/1.1')),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    expect(asked).toBe(20)
  })
})

function isRefused(change: () => unknown): boolean {
  try {
    change()
    return false
  } catch (error) {
    return error instanceof TypeError
  }
}
