import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import {
  jtiBlocklist,
  requireBearer,
  type AuthEvent,
  type RevocationStore,
} from '../../lib/index.js'
import { universalLogout, type UniversalLogoutFields } from '../../lib/signals.js'
import {
  createTestIssuer,
  testClock,
  testRevocationStore,
  type TestClaims,
} from '../../lib/testing.js'
import { serve, type RunningServer } from '../../tools/server.js'
import { redisForAllTests } from '../support/redis-under-test.js'

const AUDIENCE = 'https://api.test/universal-logout'
const ISSUER = 'https://issuer.test'
const USER = { format: 'iss_sub', iss: ISSUER, sub: 'user-1' }

const redis = redisForAllTests()

const clock = testClock()
const issuer = createTestIssuer({ clock })
const transmitter = issuer.transmitter({ audience: AUDIENCE })

let server: RunningServer
let events: AuthEvent[]

async function start(
  store: RevocationStore,
  options: Partial<UniversalLogoutFields> = {},
): Promise<void> {
  events = []
  const app = express()
  const endpoint = universalLogout(store, {
    ...transmitter.logoutOptions,
    onEvent: (event) => events.push(event),
    ...options,
  })
  app.post('/universal-logout', endpoint)
  app.get('/', requireBearer(issuer.options), jtiBlocklist(store), (_req, res) => void res.end())
  server = await serve(app)
}

interface Asked {
  readonly token?: string | undefined
  readonly body?: unknown
  readonly type?: string
}

function ask({
  token = transmitter.logoutToken(),
  body = { sub_id: USER },
  type = 'application/json',
}: Asked = {}): Promise<Response> {
  const authorization = token === '' ? '' : `Bearer ${token}`
  return fetch(`${server.url}/universal-logout`, {
    method: 'POST',
    headers: { 'content-type': type, authorization },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

async function statusOf(asked?: Asked): Promise<number> {
  return (await ask(asked)).status
}

async function get(claims?: TestClaims): Promise<number> {
  const headers = { authorization: `Bearer ${issuer.token(claims)}` }
  return (await fetch(server.url, { headers })).status
}

const reason = (): string | undefined =>
  events.findLast((event) => event.name === 'request.refused')?.reason

afterEach(() => server.close())

describe.each([
  ['memory', async (): Promise<RevocationStore> => testRevocationStore()],
  ['Redis', (): Promise<RevocationStore> => redis.readyStore({ name: `gtr-${Math.random()}` })],
])('universalLogout over %s', (_name, storeOf) => {
  beforeEach(async () => start(await storeOf()))

  it.each([
    ['iss_sub', USER],
    ['opaque', { format: 'opaque', id: 'user-1' }],
    ['aliases', { format: 'aliases', identifiers: [{ format: 'email', email: 'a@b.c' }, USER] }],
  ])('ends all that a user has, by %s (GTR-01, GTR-03)', async (_format, subject) => {
    expect(await get()).toBe(200)
    const response = await ask({ body: { sub_id: subject } })
    expect(response.status).toBe(204)
    expect(await response.text()).toBe('')
    expect(await get()).toBe(401)
    expect(await get({ sub: 'user-2', sid: 's' })).toBe(200)
    expect(await get({ iat: clock() + 30, sid: 'later' })).toBe(401)
    expect(events.at(-1)).toMatchObject({ name: 'signal.received', signal: 'universal-logout' })
  })

  it('takes what Okta documents: its claims, and the user as "subject" (GTR-06)', async () => {
    const now = clock()
    const token = transmitter.logoutToken({ iat: now, nbf: now - 300, exp: now + 300 })
    expect(await statusOf({ token, body: { subject: USER } })).toBe(204)
    expect(await get()).toBe(401)
  })

  it('follows "sub_id" where there is a "subject" as well', async () => {
    const body = { subject: USER, sub_id: { ...USER, sub: 'user-2' } }
    expect(await statusOf({ body })).toBe(204)
    expect(await get()).toBe(200)
  })

  it.each<[string, () => string, string]>([
    ['no token (GTR-02)', () => '', 'no_credential'],
    ['an access token (GTR-06)', () => issuer.token({ aud: AUDIENCE }), 'wrong_type'],
    ['an ID token', () => issuer.idToken({ aud: AUDIENCE }), 'wrong_type'],
    ['a logout token', () => issuer.logoutToken({ aud: AUDIENCE }), 'wrong_type'],
    ['a security event', () => transmitter.securityEvent('account-disabled'), 'wrong_type'],
    [
      'an unsigned one',
      () => transmitter.logoutToken({}, { alg: 'none' }),
      'algorithm_not_allowed',
    ],
    [
      'a forged one',
      () => createTestIssuer({ clock }).transmitter({ audience: AUDIENCE }).logoutToken(),
      'bad_signature',
    ],
    [
      'one of another issuer (GTR-06)',
      () => transmitter.logoutToken({ iss: 'https://evil.test' }),
      'unknown_issuer',
    ],
    [
      'one for another endpoint (GTR-06)',
      () => transmitter.logoutToken({ aud: 'https://else.test' }),
      'wrong_audience',
    ],
    [
      'one for us and another',
      () => transmitter.logoutToken({ aud: [AUDIENCE, 'https://else.test'] }),
      'wrong_audience',
    ],
    ['one that expired (GTR-06)', () => transmitter.logoutToken({ exp: clock() - 60 }), 'expired'],
    ['one without exp', () => transmitter.logoutToken({ exp: undefined }), 'missing_claim'],
    ['one that lives a day', () => transmitter.logoutToken({ exp: clock() + 86_400 }), 'too_old'],
    [
      'one that is not valid yet',
      () => transmitter.logoutToken({ nbf: clock() + 60 }),
      'not_yet_valid',
    ],
    ['one without iat', () => transmitter.logoutToken({ iat: undefined }), 'missing_claim'],
    ['one without jti', () => transmitter.logoutToken({ jti: undefined }), 'missing_claim'],
  ])('is 401 with %s, and ends nothing', async (_what, tokenOf, expected) => {
    const response = await ask({ token: tokenOf() })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm=/)
    expect(reason()).toBe(expected)
    expect(await get()).toBe(200)
  })

  it('takes a token once, for one user (GTR-06)', async () => {
    const token = transmitter.logoutToken()
    expect(await statusOf({ token, body: { sub_id: { ...USER, sub: 'user-2' } } })).toBe(204)
    expect(await statusOf({ token })).toBe(401)
    expect(reason()).toBe('used_before')
    expect(await get()).toBe(200)
  })

  it.each<[string, Asked, number, string]>([
    ['a form', { type: 'application/x-www-form-urlencoded' }, 400, 'malformed_signal'],
    ['no JSON', { body: '{' }, 400, 'malformed_signal'],
    ['a list', { body: [] }, 400, 'malformed_signal'],
    ['no sub_id', { body: {} }, 400, 'malformed_signal'],
    [
      'nested JSON',
      { body: `{"sub_id":${'['.repeat(5000)}${']'.repeat(5000)}}` },
      400,
      'malformed_signal',
    ],
    ['10 MB', { body: 'a'.repeat(10_000_000) }, 400, 'malformed_request'],
    ['a sub_id that is text', { body: { sub_id: 'user-1' } }, 400, 'malformed_subject'],
    [
      'a user without sub',
      { body: { sub_id: { format: 'iss_sub', iss: ISSUER } } },
      400,
      'malformed_subject',
    ],
    [
      'a format that nobody knows',
      { body: { sub_id: { format: 'fax' } } },
      400,
      'malformed_signal',
    ],
    [
      'a user of another issuer (GTR-05)',
      { body: { sub_id: { ...USER, iss: 'https://else.test' } } },
      403,
      'foreign_subject',
    ],
    [
      'a user that nobody knows',
      { body: { sub_id: { format: 'email', email: 'a@b.c' } } },
      404,
      'unknown_subject',
    ],
    [
      'no user at all',
      { body: { sub_id: { format: 'jwt_id', iss: ISSUER, jti: 'j' } } },
      422,
      'unsupported_subject',
    ],
    [
      'no user among aliases',
      {
        body: {
          sub_id: {
            format: 'aliases',
            identifiers: [{ format: 'jwt_id', iss: ISSUER, jti: 'j' }],
          },
        },
      },
      422,
      'unsupported_subject',
    ],
    [
      'a user of another issuer beside a token of ours',
      {
        body: {
          sub_id: {
            format: 'aliases',
            identifiers: [
              { format: 'jwt_id', iss: ISSUER, jti: 'j' },
              { ...USER, iss: 'https://else.test' },
            ],
          },
        },
      },
      403,
      'foreign_subject',
    ],
  ])('has a status for a body with %s (GTR-04)', async (_what, asked, status, expected) => {
    expect(await statusOf(asked)).toBe(status)
    expect(reason()).toBe(expected)
    expect(await get()).toBe(200)
  })
})

describe('universalLogout', () => {
  it('is 503 while the store is down, and the token stays good', async () => {
    const store = testRevocationStore()
    await start(store)
    const token = transmitter.logoutToken()
    store.outage()
    const response = await ask({ token })
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
    store.recover()
    expect(await get()).toBe(200)
    expect(await statusOf({ token })).toBe(204)
    expect(await get()).toBe(401)
  })

  it('finds users by email', async () => {
    await start(testRevocationStore(), {
      resolveSubject: (identifier) =>
        identifier.format === 'email' ? { subject: 'user-1' } : undefined,
    })
    expect(await statusOf({ body: { sub_id: { format: 'email', email: 'a@b.c' } } })).toBe(204)
    expect(await get()).toBe(401)
    expect(await statusOf()).toBe(404)
  })

  it.each([
    [
      'is full',
      () => {
        throw new Error('full')
      },
    ],
    ['says neither yes nor no', () => undefined as never],
  ])('is 503 where the memory of used tokens %s', async (_how, claim) => {
    await start(testRevocationStore(), { replay: { claim } })
    expect(await statusOf()).toBe(503)
    expect(reason()).toBe('replay_unavailable')
    expect(await get()).toBe(200)
  })

  it('takes tokens of the clients that are named', async () => {
    await start(testRevocationStore(), { clientId: 'okta-client' })
    expect(await statusOf()).toBe(204)
    expect(await statusOf({ token: transmitter.logoutToken({ sub: 'another' }) })).toBe(401)
    expect(reason()).toBe('wrong_client')
  })

  it('is read behind express.json() as well', async () => {
    const app = express()
    const store = testRevocationStore()
    app.use(express.json())
    app.post('/universal-logout', universalLogout(store, transmitter.logoutOptions))
    server = await serve(app)
    expect(await statusOf()).toBe(204)
  })
})
