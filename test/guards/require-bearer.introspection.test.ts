import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { sendJson } from '../../tools/issuer.js'
import { get, startIntrospected, type Introspected } from '../support/introspected.js'

type Changes = Readonly<Record<string, unknown>>

const LOGIN = { acr: 'mfa', auth_time: 1_700_000_000 }

let scene: Introspected

beforeAll(async () => {
  scene = await startIntrospected()
})
beforeEach(() => scene.reset())
afterAll(() => scene.close())

describe('an opaque token', () => {
  it('is asked about by a form post that names it once, as an access token (7662-01, 7662-02, 8414-11)', async () => {
    const api = await scene.startApi()
    const token = `${scene.issuer.opaque()}+/~=`
    scene.issuer.answers.set(token, { active: false })
    await get(api, token).expect(401)
    const [call] = scene.issuer.calls
    expect(call?.url).toBe('/introspect')
    expect(call?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/)
    expect(call?.headers['accept']).toBe('application/json')
    expect(call?.form.getAll('token')).toEqual([token])
    expect(call?.form.get('token_type_hint')).toBe('access_token')
  })

  it('gives the Auth that a JWT gives, with members that we do not know untouched (7662-13, 7662-15, 7662-18)', async () => {
    const api = await scene.startApi()
    const token = scene.issuer.opaque({
      extension_field: { a: 1 },
      roles: ['admin'],
      jti: 'id-1',
      ...LOGIN,
    })
    const response = await get(api, token).expect(200)
    expect(response.body).toMatchObject({
      subject: 'user-1',
      clientId: 'client-1',
      scopes: ['read'],
      roles: ['admin'],
      tokenId: 'id-1',
      issuer: scene.issuer.url,
      claims: { extension_field: { a: 1 }, ...LOGIN },
    })
    await get(api, token, '/write').expect(403)
  })

  it('is named by its hash where the answer has no jti', async () => {
    const api = await scene.startApi()
    const token = scene.issuer.opaque()
    const response = await get(api, token).expect(200)
    expect(response.body).toMatchObject({ tokenId: expect.stringMatching(/^[\w-]{43}$/) })
    expect(response.text).not.toContain(token)
  })

  it('stands beside JWTs, about which nobody is asked', async () => {
    const api = await scene.startApi()
    await get(api, await scene.issuer.token()).expect(200)
    expect(scene.issuer.calls).toHaveLength(0)
  })

  it('that the issuer calls inactive is a bad token and no outage (7662-06)', async () => {
    const api = await scene.startApi()
    await get(api, 'unknown').expect(401)
    expect(scene.lastReason()).toBe('inactive_token')
    expect(scene.events.some(({ name }) => name === 'introspection.failed')).toBe(false)
  })

  it.each<[string, string, Changes, string]>([
    ['another audience', '7662-09', { aud: 'https://other.test' }, 'wrong_audience'],
    ['no audience, though one is configured', '7662-09', { aud: undefined }, 'wrong_audience'],
    ['another issuer', '7662-10', { iss: 'https://other.test' }, 'unknown_issuer'],
    ['an exp in the past', '7662-08', { exp: 1000 }, 'expired'],
    ['an nbf in the future', '7662-08', { nbf: 9e9 }, 'not_yet_valid'],
    ['an exp that is text', '7662-08', { exp: '9999999999' }, 'malformed_claim'],
    ['a cnf.jkt, as a plain bearer', '7662-16', { cnf: { jkt: 'x' } }, 'bound_token'],
    ['a cnf.x5t#S256 and no certificate', '7662-17', { cnf: { 'x5t#S256': 'x' } }, 'bound_token'],
    ['the type DPoP and no key', '7662-16', { token_type: 'DPoP' }, 'bound_token'],
    ['a type that no scheme presents', '7662-15', { token_type: 'mac' }, 'wrong_type'],
    ['a refresh token', '7662-15', { token_use: 'refresh_token' }, 'not_an_access_token'],
    ['a scope that is a number', '7662-15', { scope: 7 }, 'malformed_claim'],
  ])('is refused with %s (%s)', async (_what, _id, changes, reason) => {
    const api = await scene.startApi()
    await get(api, scene.issuer.opaque(changes)).expect(401)
    expect(scene.lastReason()).toBe(reason)
  })

  describe('of an issuer whose answers name no audience', () => {
    const bare = { aud: undefined, token_type: undefined }
    const options = { audience: false, clientId: 'client-1' } as const

    it('must be told from a refresh token by its type; the refusal names the way out', async () => {
      const api = await scene.startApi({}, options)
      await get(api, scene.issuer.opaque({ ...bare, token_type: 'Bearer' })).expect(200)
      await get(api, scene.issuer.opaque(bare)).expect(401)
      expect(scene.events.at(-1)).toMatchObject({
        reason: 'missing_claim',
        detail: expect.stringContaining('"introspection.dangerouslyAllowMissingTokenType"'),
      })
    })

    it.each([
      ['passes without one where that is allowed', {}, 200],
      ['of a wrong type is refused all the same', { token_type: 'refresh_token' }, 401],
      ['of a wrong use is refused all the same', { token_use: 'refresh_token' }, 401],
      ['of another client is refused all the same', { client_id: 'client-2' }, 401],
    ])('%s', async (_what, changes, status) => {
      const api = await scene.startApi({ dangerouslyAllowMissingTokenType: true }, options)
      const answer = await get(api, scene.issuer.opaque({ ...bare, ...changes }))
      expect(answer.status).toBe(status)
    })
  })

  it.each([{}, { active: 'true' }, { active: 1 }, [], null, 'yes', 7])(
    'cannot be judged by the answer %j: 503 (7662-05)',
    async (answer) => {
      const api = await scene.startApi()
      scene.issuer.respond = (_call, res) => sendJson(res, answer)
      const response = await get(api, 'some-token').expect(503)
      expect(response.headers['www-authenticate']).toBeUndefined()
      expect(Number(response.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    },
  )

  it('cannot be judged by an answer that says active twice', async () => {
    const api = await scene.startApi()
    scene.issuer.respond = (_call, res) => {
      res.setHeader('content-type', 'application/json')
      res.end('{"active":false,"active":true}')
    }
    await get(api, 'some-token').expect(503)
    expect(scene.lastReason()).toBe('introspection_unavailable')
  })

  it.each([401, 403])(
    'is 503 and an event where the endpoint answers %i to our own credentials (7662-07)',
    async (status) => {
      const api = await scene.startApi()
      scene.issuer.respond = (_call, res) => void res.writeHead(status).end()
      const response = await get(api, 'some-token').expect(503)
      expect(response.headers['www-authenticate']).toBeUndefined()
      expect(scene.lastReason()).toBe('introspection_unauthorized')
      const failed = scene.events.find((event) => event.name === 'introspection.failed')
      expect(failed).toMatchObject({ unauthorized: true, issuer: scene.issuer.url })
    },
  )

  it('is 503 with the Retry-After of an endpoint that limits us, which is left alone meanwhile', async () => {
    const api = await scene.startApi()
    scene.issuer.respond = (_call, res) => void res.writeHead(429, { 'Retry-After': '7' }).end()
    const response = await get(api, 'token-a').expect(503)
    expect(response.headers['retry-after']).toBe('7')
    const other = await get(api, 'token-b').expect(503)
    expect(Number(other.headers['retry-after'])).toBeGreaterThanOrEqual(5)
    expect(scene.issuer.calls).toHaveLength(1)
  })

  it('never appears in an event, an answer or a URL (7662-14)', async () => {
    const api = await scene.startApi()
    const token = scene.issuer.opaque({ aud: 'https://other.test' })
    const refused = await get(api, token).expect(401)
    scene.issuer.respond = (_call, res) => void res.writeHead(500).end(token)
    const out = await get(api, `${token}2`).expect(503)
    const all = JSON.stringify([
      scene.events,
      refused.text,
      refused.headers,
      out.text,
      scene.issuer.requests,
    ])
    expect(all).not.toContain(token)
  })
})
