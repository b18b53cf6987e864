import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import request, { type Response } from 'supertest'
import {
  backChannelLogout,
  memoryRevocationStore,
  RevocationUnavailable,
  type RevocationStore,
} from '../../lib/index.js'
import { frozenClock, startApi, type TestApi } from '../../tools/api.js'
import { createSigningKey, sendJson, startIssuer, type TestIssuer } from '../../tools/issuer.js'
import {
  CLIENT,
  LOGOUT_PATH,
  logoutToken,
  postForm,
  startLogoutReceiver,
  withReceiver,
  type LogoutReceiver,
} from '../support/logout.js'
import { rawRequest } from '../../tools/server.js'

const clock = frozenClock()
let issuer: TestIssuer
let store: RevocationStore
let api: TestApi
let receiver: LogoutReceiver

beforeAll(async () => {
  issuer = await startIssuer({ clock })
  store = memoryRevocationStore({ clock })
  api = await startApi(issuer, { clock, store })
  receiver = await startLogoutReceiver(issuer, { clock, store })
})

afterAll(async () => {
  await receiver.close()
  await api.close()
  await issuer.close()
})

/** The whole of a refusal at once (BCL-24, BCL-25, BCL-26). */
function expectBadRequest(response: Response, error = 'invalid_request'): void {
  expect(response.status).toBe(400)
  expect(response.headers['content-type']).toBe('application/json')
  expect(response.headers['cache-control']).toBe('no-store')
  expect(response.headers['www-authenticate']).toBeUndefined()
  expect(Object.keys(response.body as object)).toEqual(['error', 'error_description'])
  expect(response.body).toMatchObject({ error })
}

describe('backChannelLogout: what it ends', () => {
  it('ends the session named by sid, and no other session of the user (BCL-01, BCL-19, BCL-21)', async () => {
    const ended = await issuer.token({ sub: 'ann', sid: 'ann-laptop' })
    const other = await issuer.token({ sub: 'ann', sid: 'ann-phone' })
    expect((await api.get(ended)).status).toBe(200)
    const response = await receiver.send(
      await logoutToken(issuer, { sub: 'ann', sid: 'ann-laptop' }),
    )
    expect(response.status).toBe(200)
    expect(response.headers['cache-control']).toBe('no-store')
    expect(response.text).toBe('{}')
    expect((await api.get(ended)).status).toBe(401)
    expect(api.reason()).toBe('revoked')
    expect((await api.get(other)).status).toBe(200)
  })

  it('ends tokens of that session that are issued later, by a refresh (BCL-21)', async () => {
    await receiver.send(await logoutToken(issuer, { sid: 'refreshed' }))
    const later = await issuer.token({ sid: 'refreshed', iat: clock() + 1, exp: clock() + 300 })
    clock.now += 1
    expect((await api.get(later)).status).toBe(401)
  })

  it('without sid ends all that was issued to the user up to iat; a new login is good (BCL-19)', async () => {
    const laptop = await issuer.token({ sub: 'ben', sid: 'ben-laptop' })
    const phone = await issuer.token({ sub: 'ben', sid: undefined })
    const stranger = await issuer.token({ sub: 'benjamin' })
    const logout = await logoutToken(issuer, { sub: 'ben', sid: undefined })
    expect((await receiver.send(logout)).status).toBe(200)
    expect((await api.get(laptop)).status).toBe(401)
    expect((await api.get(phone)).status).toBe(401)
    expect((await api.get(stranger)).status).toBe(200)
    clock.now += 1
    const again = await issuer.token({ sub: 'ben', sid: 'ben-again' })
    expect((await api.get(again)).status).toBe(200)
  })

  it('answers a replay with 200, and it ends nothing that came since (BCL-15)', async () => {
    const logout = await logoutToken(issuer, { sub: 'cem', sid: undefined })
    expect((await receiver.send(logout)).status).toBe(200)
    clock.now += 5
    const later = await issuer.token({ sub: 'cem' })
    expect((await receiver.send(logout)).status).toBe(200)
    expect((await api.get(later)).status).toBe(200)
  })

  it('answers 200 for a session nobody has heard of (BCL-16, BCL-23)', async () => {
    const response = await receiver.send(await logoutToken(issuer, { sid: 'never-seen' }))
    expect(response.status).toBe(200)
  })

  it('keeps the same sid of two issuers apart (BCL-20)', async () => {
    const second = await startIssuer({ clock })
    const both = await startApi(second, { clock, store })
    try {
      const token = await second.token({ sid: 'shared-name' })
      await receiver.send(await logoutToken(issuer, { sid: 'shared-name' }))
      expect((await both.get(token)).status).toBe(200)
    } finally {
      await both.close()
      await second.close()
    }
  })

  it('tells the event which session ended, without naming user or session', async () => {
    await receiver.send(await logoutToken(issuer, { sub: 'ann', sid: 'ann-tablet' }))
    const event = receiver.events.at(-1)
    expect(event).toMatchObject({ name: 'logout.received', scope: 'session', issuer: issuer.url })
    expect(JSON.stringify(event)).not.toMatch(/ann/)
  })
})

describe('backChannelLogout: the request', () => {
  it.each([
    'application/x-www-form-urlencoded;charset=UTF-8',
    'application/x-www-form-urlencoded; charset=utf-8',
    'Application/X-WWW-Form-URLencoded',
  ])('takes the content type %s (BCL-01)', async (type) => {
    const token = await logoutToken(issuer)
    const response = await request(receiver.url)
      .post(LOGOUT_PATH)
      .set('Content-Type', type)
      .send(`logout_token=${token}`)
    expect(response.status).toBe(200)
  })

  it('ignores other parameters, of the body and of the URL (BCL-02, BCL-27)', async () => {
    const token = await logoutToken(issuer)
    const response = await request(receiver.url)
      .post(`${LOGOUT_PATH}?tenant=x&logout_token=y`)
      .type('form')
      .send(`state=1&logout_token=${token}&__proto__=2&iss=3`)
    expect(response.status).toBe(200)
  })

  it.each([
    ['no body', 'application/x-www-form-urlencoded', ''],
    ['no logout_token', 'application/x-www-form-urlencoded', 'token=TOKEN'],
    ['an empty logout_token', 'application/x-www-form-urlencoded', 'logout_token='],
    ['two of them', 'application/x-www-form-urlencoded', 'logout_token=TOKEN&logout_token=TOKEN'],
    ['JSON', 'application/json', '{"logout_token":"TOKEN"}'],
    ['plain text', 'text/plain', 'logout_token=TOKEN'],
    ['no content type', '', 'logout_token=TOKEN'],
  ])(
    'answers %s with 400, in JSON that no cache keeps (BCL-03, BCL-25, BCL-26)',
    async (_name, type, template) => {
      const body = template.replaceAll('TOKEN', await logoutToken(issuer))
      const typeLine = type === '' ? [] : [`Content-Type: ${type}`]
      const lines = [...typeLine, `Content-Length: ${body.length}`]
      const answer = await rawRequest(receiver.port, lines, `POST ${LOGOUT_PATH} HTTP/1.1`, body)
      expect(answer.status).toBe(400)
      expect(JSON.parse(answer.body)).toMatchObject({ error: 'invalid_request' })
      expect(answer.headers.get('cache-control')).toEqual(['no-store'])
    },
  )

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])(
    'answers %s with 405 and what is allowed (BCL-03)',
    async (method) => {
      const token = await logoutToken(issuer)
      const line = `${method} ${LOGOUT_PATH}?logout_token=${token} HTTP/1.1`
      const answer = await rawRequest(receiver.port, [], line)
      expect(answer.status).toBe(405)
      expect(answer.headers.get('allow')).toEqual(['POST'])
      expect(answer.headers.get('cache-control')).toEqual(['no-store'])
    },
  )

  it('takes a body of 10 MB for none, without holding it (BCL-29)', async () => {
    const response = await postForm(receiver.url, { logout_token: 'x'.repeat(10_000_000) })
    expectBadRequest(response)
    expect(receiver.events.at(-1)).toMatchObject({ reason: 'malformed_request' })
  })

  it('survives a client that hangs up in the middle of the body', async () => {
    const socket = connect(receiver.port, '127.0.0.1')
    const head = `POST ${LOGOUT_PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n`
    socket.write(`${head}Content-Type: application/x-www-form-urlencoded\r\n\r\nlogout_token=`)
    await once(socket, 'connect')
    socket.destroy()
    expect((await receiver.send(await logoutToken(issuer))).status).toBe(200)
  })
})

function throwDown(): never {
  throw new Error('down')
}

describe('backChannelLogout: outages', () => {
  it.each<[string, () => Promise<never>]>([
    ['rejects', () => Promise.reject(new RevocationUnavailable('down'))],
    ['rejects with something of its own', () => Promise.reject(new Error('ECONNREFUSED'))],
    ['throws', throwDown],
  ])(
    'answers 400 and never 200 where the store %s (BCL-24, BCL-25, BCL-26)',
    async (_name, fail) => {
      const broken = { ...memoryRevocationStore(), revokeSession: fail, revokeSubject: fail }
      await withReceiver(issuer, { clock, store: broken }, async (other) => {
        for (const sid of ['session-1', undefined]) {
          const response = await other.send(await logoutToken(issuer, { sid }))
          expectBadRequest(response, 'temporarily_unavailable')
          expect(other.events.at(-1)).toMatchObject({
            name: 'request.refused',
            guard: 'backChannelLogout',
            family: 'dependency',
            reason: 'revocation_not_stored',
            status: 400,
          })
        }
      })
    },
  )

  it('answers 400 temporarily_unavailable where the keys cannot be had, and works once they can', async () => {
    await withReceiver(issuer, { clock }, async (other) => {
      issuer.intercept = (_req, res) => {
        res.statusCode = 500
        sendJson(res, {})
        return true
      }
      const token = await logoutToken(issuer)
      expectBadRequest(await other.send(token), 'temporarily_unavailable')
      expect(other.reason()).toBe('keys_unavailable')
      issuer.intercept = undefined
    })
    await withReceiver(issuer, { clock }, async (other) => {
      expect((await other.send(await logoutToken(issuer))).status).toBe(200)
      expect(other.endpoint.status().state).toBe('fresh')
    })
  })

  it('never refuses for good a token whose key a refetch would bring, whoever named its kid before', async () => {
    const next = await createSigningKey('2026-12')
    await withReceiver(issuer, { clock, keyCache: { refetchBurst: 2 } }, async (other) => {
      await other.endpoint.ready()
      const token = await logoutToken(issuer, { sid: 'rotated' }, {}, next)
      for (let turn = 0; turn < 2; turn += 1) {
        expectBadRequest(await other.send(token))
        expect(other.reason()).toBe('unknown_key')
      }
      const response = await other.send(token)
      expectBadRequest(response, 'temporarily_unavailable')
      expect(Number(response.headers['retry-after'])).toBeGreaterThan(20)
    })
  })

  it('asks nobody for keys where the issuer is foreign or the token is no logout token (BCL-29)', async () => {
    await withReceiver(issuer, { clock }, async (other) => {
      const before = issuer.requests.length
      expectBadRequest(await other.send(await logoutToken(issuer, { iss: 'https://evil.test' })))
      expectBadRequest(await other.send(await logoutToken(issuer, { events: undefined })))
      expectBadRequest(await other.send('not.a.jwt'))
      expect(issuer.requests.length).toBe(before)
    })
  })
})

describe('backChannelLogout: options', () => {
  it.each<[string, unknown, unknown, RegExp]>([
    ['no store', undefined, {}, /"store" must be a RevocationStore/],
    ['no issuer', 'store', { issuer: undefined }, /"issuer" must be/],
    ['no client', 'store', { clientId: undefined }, /"clientId" must be/],
    ['an empty list of clients', 'store', { clientId: [] }, /"clientId" must be/],
    ['a misspelt option', 'store', { audiance: 'x' }, /unknown option "audiance"/],
    ['an audience', 'store', { audience: 'https://api.test' }, /unknown option "audience"/],
    ['two sources of keys', 'store', { jwks: { keys: [] }, jwksUri: 'https://a.test' }, /Give one/],
    ['the algorithm none', 'store', { algorithms: ['none'] }, /"algorithms" must be/],
    ['encryption without a key', 'store', { requireEncryption: true }, /"decryptionKeys"/],
    ['an age of nothing', 'store', { maxAgeSeconds: 0 }, /"maxAgeSeconds" must be/],
    ['a yes in words', 'store', { allowMissingExp: 'yes' }, /"allowMissingExp" must be/],
  ])('refuses %s at construction', (_name, given, changes, complaint) => {
    const options = { issuer: 'https://id.test', clientId: CLIENT, ...(changes as object) }
    const broken = (given === 'store' ? store : given) as RevocationStore
    expect(() => backChannelLogout(broken, options)).toThrow(complaint)
  })
})
