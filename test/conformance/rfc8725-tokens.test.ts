import { describe, expect, it } from '@jest/globals'
import { requireBearer } from '../../lib/index.js'
import {
  expectRefusal,
  expectUnavailable,
  frozenClock,
  startApi,
  type TestApi,
} from '../../tools/api.js'
import { forge } from '../support/forge.js'
import { startIssuer, type TestIssuer } from '../../tools/issuer.js'
import { beforeSuite } from '../support/suite.js'

const clock = frozenClock()
let issuer: TestIssuer
let api: TestApi
let header: Record<string, unknown>
let payload: Record<string, unknown>

// With the budget for unknown kids spent, nobody could tell, and the answer would be 503.
const keyCache = { refetchBurst: 1000 }

beforeSuite({ clock, keyCache }, (suite) => {
  ;({ issuer, api, header, payload } = suite)
})

describe('RFC 8725 §3.9 to §3.12: hostile and foreign tokens', () => {
  it.each(['{"payload":"x"}', '"abc"', '[abc]', 'abc\\u002e', "'abc'"])(
    'refuses %s, which holds characters that no token has (8725-18)',
    async (token) => {
      expectRefusal(await api.get(token), 'invalid_request')
    },
  )

  it.each([
    "' OR 1=1 --",
    '../../../dev/null',
    '__proto__',
    'constructor',
    'toString',
    '$(id)',
    '\u0000',
    '*',
    'key-1\u0000',
    '{"$gt":""}',
  ])('finds no key by the kid %j (8725-19)', async (kid) => {
    expectRefusal(await api.get(forge({ ...header, kid }, payload, issuer.key)), 'invalid_token')
    expect(api.reason()).toBe('unknown_key')
  })

  it.each([
    'http://169.254.169.254/',
    'http://127.0.0.1:1/',
    'file:///etc/passwd',
    'https://id.test/jwks',
  ])('follows no URL out of a token: %s (8725-20)', async (url) => {
    const extra = { jku: url, x5u: url, kid: url }
    expectRefusal(
      await api.get(forge({ ...header, ...extra }, payload, issuer.key)),
      'invalid_token',
    )
  })

  it.each([
    'http://169.254.169.254/jwks',
    'http://id.example.com/jwks',
    'file:///etc/passwd',
    'https://u:p@id.example.com/',
    'https://169.254.169.254/',
  ])('refuses to be built with the key URL %s (8725-20)', (jwksUri) => {
    const { url, audience } = issuer
    expect(() => requireBearer({ issuer: url, audience, jwksUri })).toThrow(/"jwksUri" must/)
  })

  it('follows no redirect to keys (8725-20)', async () => {
    const moved = await startIssuer({ clock })
    moved.intercept = (req, res) => {
      if (req.url !== '/jwks') return false
      res.writeHead(302, { location: `${issuer.url}/jwks` }).end()
      return true
    }
    const behind = await startApi(issuer, { clock, jwksUri: `${moved.url}/jwks` })
    expectUnavailable(await behind.get(forge(header, payload, issuer.key)))
    await Promise.all([behind.close(), moved.close()])
  })

  it.each([undefined, 'JWT', 'jwt', 'application/jwt', 'at+jwt', 'application/at+jwt'])(
    'takes the type %s, as issuers send it (8725-21, 8725-22)',
    async (typ) => {
      expect((await api.get(forge({ ...header, typ }, payload, issuer.key))).status).toBe(200)
    },
  )

  it.each([
    'logout+jwt',
    'secevent+jwt',
    'dpop+jwt',
    'token-introspection+jwt',
    'statuslist+jwt',
    'global-token-revocation+jwt',
    'oauth-authz-req+jwt',
    'id_token+jwt',
    'refresh+jwt',
    'JWE',
    1,
    null,
    ['at+jwt'],
  ])('refuses the type %j, which is of another kind (8725-21, 8725-22, BCL-30)', async (typ) => {
    expectRefusal(await api.get(forge({ ...header, typ }, payload, issuer.key)), 'invalid_token')
    expect(api.reason()).toBe('wrong_type')
  })

  it.each([
    ['an ID token with a nonce', { nonce: 'n' }],
    ['an ID token with an empty nonce', { nonce: '' }],
    ['an ID token with at_hash', { at_hash: 'x' }],
    ['an ID token with c_hash', { c_hash: 'x' }],
    ['an ID token with s_hash', { s_hash: 'x' }],
    ['a logout token', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }],
    ['a security event', { events: {} }],
    ['a Keycloak ID token', { typ: 'ID' }],
    ['a Keycloak refresh token', { typ: 'Refresh' }],
    ['a Keycloak offline token', { typ: 'Offline' }],
    ['a Cognito ID token', { token_use: 'id' }],
  ])('refuses %s without a type, though it is for us (8725-23)', async (_name, claims) => {
    const { typ: _typ, ...untyped } = header
    const token = forge(untyped, { ...payload, ...claims }, issuer.key)
    expectRefusal(await api.get(token), 'invalid_token')
    expect(api.reason()).toBe('not_an_access_token')
  })

  it.each([
    ['a Keycloak access token', { typ: 'Bearer' }],
    ['a Cognito access token', { token_use: 'access' }],
  ])('takes %s (8725-23)', async (_name, claims) => {
    expect((await api.get(forge(header, { ...payload, ...claims }, issuer.key))).status).toBe(200)
  })

  it.each(['client-1', ['client-1'], ['client-1', 'x']])(
    'refuses an ID token, whose audience %j is the client, where no audience is configured (8725-23)',
    async (aud) => {
      const cognito = await startApi(issuer, { clock, audience: false, clientId: 'client-1' })
      expectRefusal(
        await cognito.get(forge(header, { ...payload, aud }, issuer.key)),
        'invalid_token',
      )
      expect(cognito.reason()).toBe('not_an_access_token')
      await cognito.close()
    },
  )

  it('is not polluted by names of the prototype in claims (8725-24)', async () => {
    const hostile = {
      scope: 'read __proto__ constructor toString',
      roles: ['__proto__', 'constructor', { value: '__proto__' }, ['x']],
      permissions: { __proto__: null, constructor: true },
      constructor: { prototype: { polluted: true } },
      hasOwnProperty: 'no',
      toString: 'no',
    }
    const text = JSON.stringify({ ...payload, ...hostile }).replace(
      /\}$/,
      ',"__proto__":{"polluted":true,"isAdmin":true}}',
    )
    const response = await api.get(forge(header, text, issuer.key))
    expect(response.status).toBe(200)
    expect(response.body).toMatchObject({
      scopes: ['read', '__proto__', 'constructor', 'toString'],
      roles: ['__proto__', 'constructor'],
      permissions: ['constructor'],
    })
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it.each(['__proto__.x', 'constructor.name', '__proto__', 'toString.length'])(
    'reads no role by the path %s, which only the prototype has (8725-24)',
    async (rolesClaim) => {
      const odd = await startApi(issuer, { clock, claims: { roles: rolesClaim } })
      const response = await odd.get(forge(header, payload, issuer.key))
      expect(response.body).toMatchObject({ roles: [] })
      await odd.close()
    },
  )
})
