import { connect } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it } from '@jest/globals'
import cors from 'cors'
import express from 'express'
import request from 'supertest'
import { memoryRevocationStore, requireBearer, RevocationUnavailable } from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import {
  expectRefusal,
  expectUnavailable,
  frozenClock,
  startApi,
  type TestApi,
} from '../../tools/api.js'
import { bearerParameters, parseChallenges } from '../../tools/challenge.js'
import { rawRequest, serve } from '../../tools/server.js'
import { beforeSuite, type Suite } from '../support/suite.js'

const clock = frozenClock()
let issuer: Suite['issuer']
let api: TestApi
let valid: string

beforeSuite({ clock }, (suite) => {
  ;({ issuer, api, valid } = suite)
})

describe('RFC 9110 §11: credentials', () => {
  it.each(['bearer', 'BEARER', 'bEaReR'])(
    'reads the scheme %s in any case (9110-01)',
    async (scheme) => {
      expect((await api.authorized(`${scheme} ${valid}`)).status).toBe(200)
    },
  )

  it.each(['a=b', 'a==b', '=a', 'a b', 'a,b', 'a;b', 'a%20b', 'a.b.c=d'])(
    'refuses %s, which is no token68 (9110-02)',
    async (token) => {
      expectRefusal(await api.authorized(`Bearer ${token}`), 'invalid_request')
    },
  )

  it('takes a token68 with padding for a token, if not for a good one (9110-02)', async () => {
    expectRefusal(await api.get(`${valid}==`), 'invalid_token')
  })

  it.each([
    ['the same token twice', (token: string) => [token, token]],
    ['a good token before a bad one', (token: string) => [token, 'bad']],
    ['a bad token before a good one', (token: string) => ['bad', token]],
  ])('refuses two Authorization lines: %s (9110-11)', async (_name, tokens) => {
    const lines = tokens(valid).map((token) => `Authorization: Bearer ${token}`)
    const answer = await rawRequest(api.port, lines, 'GET /r HTTP/1.1')
    expect(answer.status).toBe(400)
    expect(bearerParameters(answer.headers.get('www-authenticate')![0]!)['error']).toBe(
      'invalid_request',
    )
  })

  it.each([
    ['an empty line first', ['Authorization:', 'AUTHORIZATION: Bearer x']],
    ['two schemes', ['Authorization: Basic dTpw', 'authorization: Bearer x']],
  ])('refuses two Authorization lines in any case: %s (9110-11)', async (_name, lines) => {
    expect((await rawRequest(api.port, lines, 'GET /r HTTP/1.1')).status).toBe(400)
  })

  it('refuses two credentials joined into one line (9110-11)', async () => {
    expectRefusal(await api.authorized(`Bearer ${valid}, Bearer ${valid}`), 'invalid_request')
  })

  it('takes no credential from Proxy-Authorization (9110-12)', async () => {
    const response = await request(api.url).get('/r').set('Proxy-Authorization', `Bearer ${valid}`)
    expectRefusal(response, 'no_credential')
  })

  it('takes no credential from a trailer (9110-12)', async () => {
    const answer = await rawRequest(
      api.port,
      ['Transfer-Encoding: chunked', 'Trailer: Authorization'],
      'POST /w HTTP/1.1',
      `1\r\na\r\n0\r\nAuthorization: Bearer ${valid}\r\n\r\n`,
    )
    expect(answer.status).toBe(401)
  })

  it('forgets a credential with its request, on the same connection (9110-13)', async () => {
    const socket = connect(api.port, '127.0.0.1')
    await once(socket, 'connect')
    const get = 'GET /r HTTP/1.1\r\nHost: api.test\r\n'
    const body = 'Content-Length: 5\r\n\r\nhello'
    socket.write(
      `${get}Authorization: Bearer ${valid}\r\n\r\n` +
        `${get}\r\n` +
        `${get}Authorization: Bearer bad\r\n${body}` +
        `${get}Authorization: Bearer ${valid}\r\n\r\n` +
        `${get}Connection: close\r\n\r\n`,
    )
    const chunks: Buffer[] = []
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk)
    const answers = Buffer.concat(chunks).toString('latin1')
    const statuses = [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))
    expect(statuses).toEqual([200, 401, 401, 200, 401])
  })
})

describe('RFC 9110 §11 and §15: answers', () => {
  it('reads parameter names in any case, and each once (9110-03)', () => {
    expect(bearerParameters('Bearer REALM="a", Error="invalid_token"')).toEqual({
      realm: 'a',
      error: 'invalid_token',
    })
    expect(() => parseChallenges('Bearer realm="a", Realm="b"')).toThrow(/twice/)
  })

  it('sends the realm quoted (9110-04)', async () => {
    const { headers } = await api.authorized()
    expect(headers['www-authenticate']).toMatch(/^Bearer realm="api"/)
  })

  it.each([
    ['no credential', undefined, 'no_credential'],
    ['an unsupported one', 'Basic dTpw', 'no_credential'],
    ['a bad one', 'Bearer abc', 'invalid_token'],
  ] as const)('challenges with each 401: %s (9110-05, 9110-06)', async (_name, value, code) => {
    const response = await api.authorized(value)
    expect(response.status).toBe(401)
    expectRefusal(response, code)
  })

  it('answers 403 to a good token that is not enough (9110-07)', async () => {
    expectRefusal(await api.get(await issuer.token({ scope: '' })), 'insufficient_scope', 'read')
  })

  it('challenges with 400 and 403 as well (9110-09)', async () => {
    const bad = await api.authorized('Bearer "')
    const poor = await api.get(await issuer.token({ scope: 'x' }))
    expect([bad.status, poor.status]).toEqual([400, 403])
    for (const { headers } of [bad, poor]) {
      expect(parseChallenges(headers['www-authenticate']!)).toHaveLength(1)
    }
  })

  it('sends one challenge a field line (9110-10)', async () => {
    const answer = await rawRequest(api.port, [], 'GET /r HTTP/1.1')
    const lines = answer.headers.get('www-authenticate') ?? []
    expect(lines).toHaveLength(1)
    expect(parseChallenges(lines.join(', '))).toHaveLength(1)
  })

  it('says 503 and when to come back where keys cannot be had (9110-15)', async () => {
    const down = createTestIssuer({ clock })
    await down.listen()
    await down.outage('refused')
    const behind = await startApi(down, { keyCache: { timeoutMs: 500 } })
    expectUnavailable(await behind.get(down.token()))
    expect(behind.reason()).toBe('keys_unavailable')
    await behind.close()
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('down')
      },
      1,
    ],
    [
      'rejects',
      () => Promise.reject(new RevocationUnavailable('down', { retryAfterSeconds: 7 })),
      7,
    ],
    [
      'rejects with a fraction',
      () => Promise.reject(new RevocationUnavailable('down', { retryAfterSeconds: 0.2 })),
      1,
    ],
    [
      'rejects with no number',
      () => Promise.reject(new RevocationUnavailable('down', { retryAfterSeconds: Number.NaN })),
      1,
    ],
  ])('says 503 in whole seconds where the denylist %s (9110-15)', async (_name, check, seconds) => {
    const store = { ...memoryRevocationStore({ clock }), check }
    const behind = await startApi(issuer, { clock, store })
    const response = await behind.get(valid)
    expectUnavailable(response)
    expect(response.headers['retry-after']).toBe(String(seconds))
    await behind.close()
  })

  it.each([
    ['no token', [], 401],
    ['a bad token', ['Authorization: Bearer abc'], 401],
    ['a malformed header', ['Authorization: Bearer'], 400],
  ])('answers HEAD like GET without a body: %s (9110-16)', async (_name, lines, status) => {
    const head = await rawRequest(api.port, lines, 'HEAD /r HTTP/1.1')
    const get = await rawRequest(api.port, lines, 'GET /r HTTP/1.1')
    expect([head.status, head.body]).toEqual([status, ''])
    for (const name of ['www-authenticate', 'content-type', 'content-length', 'cache-control']) {
      expect(head.headers.get(name)).toEqual(get.headers.get(name))
    }
  })

  it('lets a good HEAD pass without a body (9110-16)', async () => {
    const answer = await rawRequest(
      api.port,
      [`Authorization: Bearer ${valid}`],
      'HEAD /r HTTP/1.1',
    )
    expect([answer.status, answer.body]).toEqual([200, ''])
  })

  it('never echoes what came in a header (9110-17)', async () => {
    const marker = 'zebra-7'
    const answer = await rawRequest(
      api.port,
      [`Authorization: Bearer ${marker}`, `Accept: ${marker}`, `X-Request-Id: ${marker}`],
      `GET /r?${marker} HTTP/1.1`,
    )
    expect(answer.status).toBe(401)
    expect(JSON.stringify([...answer.headers, answer.body])).not.toContain(marker)
  })
})

describe('Fetch: preflights and exposed headers', () => {
  it('leaves preflights to the CORS layer in front, and exempts no OPTIONS (9110-19)', async () => {
    const app = express()
    app.use(cors({ origin: 'https://app.test' }))
    app.use(requireBearer({ issuer: issuer.url, audience: issuer.audience, clock }))
    const server = await serve(app)
    const preflight = await request(server.url)
      .options('/r')
      .set('Origin', 'https://app.test')
      .set('Access-Control-Request-Method', 'GET')
    expect(preflight.status).toBe(204)
    await server.close()
    expectRefusal(await request(api.url).options('/r'), 'no_credential')
    const alone = await request(api.url)
      .options('/r')
      .set('Origin', 'https://app.test')
      .set('Access-Control-Request-Method', 'GET')
    expectRefusal(alone, 'no_credential')
  })
})
