import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../../../lib/core/clock.js'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { clientSecretBasic } from '../../../../lib/index.js'
import { compileNetwork } from '../../../../lib/net/network/network-options.js'
import {
  createIssuerClient,
  type IssuerClient,
  type IssuerClientOptions,
} from '../../../../lib/session/handler/issuer/issuer-client.js'
import type { Login } from '../../../../lib/session/handler/login/login.js'
import { createSigningKey, type JsonObject } from '../../../../lib/testing/signing-key.js'
import { sendJson } from '../../../../tools/issuer.js'
import { serve, type RunningServer } from '../../../../tools/server.js'

const CALLBACK = 'https://app.test/auth/callback'
const key = createSigningKey('ES256', 'key-1')
const LOGIN: Login = {
  state: 's'.repeat(43),
  nonce: 'n'.repeat(43),
  verifier: 'v'.repeat(43),
  returnTo: '/',
  startedAt: 0,
  asked: {},
}

interface Posted {
  readonly path: string
  readonly form: Readonly<Record<string, string>>
}

let server: RunningServer
let metadata: JsonObject
/** What is posted, and how that is answered. */
let posted: Posted[]
let answer: (posted: Posted) => readonly [status: number, body: object]

beforeAll(async () => {
  server = await serve((req, res) => {
    const path = new URL(req.url ?? '', server.url).pathname
    if (path === '/jwks') sendJson(res, { keys: [key.jwk] })
    else if (req.method === 'GET') sendJson(res, metadata)
    else {
      void formOf(req).then((form) => {
        posted.push({ path, form })
        const [status, body] = answer({ path, form })
        res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      })
    }
  })
})
afterAll(() => server.close())

async function formOf(req: IncomingMessage): Promise<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(await text(req)))
}

beforeEach(() => {
  posted = []
  answer = () => [200, granted()]
  metadata = {
    issuer: server.url,
    authorization_endpoint: `${server.url}/authorize`,
    token_endpoint: `${server.url}/token`,
    jwks_uri: `${server.url}/jwks`,
    id_token_signing_alg_values_supported: ['ES256'],
  }
})

function idToken(claims: JsonObject = {}): string {
  const now = Math.floor(systemClock())
  const own = { iss: server.url, aud: 'app', sub: 'alice', iat: now, exp: now + 300 }
  return key.sign({}, { ...own, nonce: LOGIN.nonce, ...claims })
}

function granted(changes: object = {}): object {
  const tokens = { access_token: 'access', refresh_token: 'refresh', id_token: idToken() }
  return { ...tokens, token_type: 'Bearer', expires_in: 300, ...changes }
}

function client(changes: Partial<IssuerClientOptions> = {}): IssuerClient {
  return createIssuerClient({
    server: new URL(server.url),
    issuers: [server.url],
    clientId: 'app',
    clientAuth: clientSecretBasic('s3cret'),
    clockToleranceSeconds: 5,
    timeoutMs: 1000,
    network: compileNetwork(optionCheck('test'), undefined, [new URL(server.url)]),
    redirectUri: new URL(CALLBACK),
    scopes: ['openid', 'notes:read'],
    responseMode: 'query',
    loginParameters: { resource: 'https://api.test' },
    afterLogout: 'https://app.test/',
    clock: () => 1_800_000_000,
    ...changes,
  })
}

const redeem = (query = 'code=c', login = LOGIN) =>
  client().redeem(new URLSearchParams(`${query}&state=${LOGIN.state}`), login)

describe('the address of a login', () => {
  it('ties the answer to this browser, this login and this client', async () => {
    const url = (await client().loginUrl({ ...LOGIN, asked: { max_age: '60' } })) as URL
    expect(`${url.origin}${url.pathname}`).toBe(`${server.url}/authorize`)
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'app',
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope: 'openid notes:read',
      state: LOGIN.state,
      nonce: LOGIN.nonce,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as unknown,
      code_challenge_method: 'S256',
      resource: 'https://api.test',
      max_age: '60',
    })
    expect(url.href).not.toContain(LOGIN.verifier)
  })

  it('asks for an answer by POST where that is wanted', async () => {
    const url = (await client({ responseMode: 'form_post' }).loginUrl(LOGIN)) as URL
    expect(url.searchParams.get('response_mode')).toBe('form_post')
  })

  it('holds nothing of the login where the issuer takes it beforehand (RFC 9126)', async () => {
    metadata = { ...metadata, pushed_authorization_request_endpoint: `${server.url}/par` }
    answer = () => [201, { request_uri: 'urn:request:1', expires_in: 60 }]
    const url = (await client().loginUrl(LOGIN)) as URL
    expect([...url.searchParams.keys()].toSorted()).toEqual(['client_id', 'request_uri'])
    expect(posted).toMatchObject([{ path: '/par', form: { nonce: LOGIN.nonce } }])
  })

  it('is none where it would lead over plain http', async () => {
    metadata = { ...metadata, authorization_endpoint: 'http://id.test/authorize' }
    expect(await client().loginUrl(LOGIN)).toMatchObject({ status: 503 })
  })

  it('is none while the issuer cannot be had', async () => {
    const gone = client({ server: new URL('http://127.0.0.1:1/') })
    expect(await gone.loginUrl(LOGIN)).toMatchObject({ status: 503, reason: 'issuer_unavailable' })
  })
})

describe('an answer to a login', () => {
  it('brings tokens for its code, with the proof that this app began it', async () => {
    expect(await redeem()).toMatchObject({
      accessToken: 'access',
      accessExpiresAt: 1_800_000_300,
      refreshToken: 'refresh',
      claims: { sub: 'alice' },
    })
    const form = { grant_type: 'authorization_code', code: 'c', code_verifier: LOGIN.verifier }
    expect(posted).toMatchObject([{ path: '/token', form: { ...form, redirect_uri: CALLBACK } }])
  })

  it('may bring no more than an access token and who it is', async () => {
    answer = () => [200, granted({ refresh_token: undefined, expires_in: undefined })]
    expect(await redeem()).toMatchObject({ accessExpiresAt: undefined, refreshToken: undefined })
  })

  it.each<[string, string, string]>([
    ['the issuer denied it', 'error=access_denied', 'login_denied'],
    ['its issuer is another (RFC 9207)', 'code=c&iss=https://evil.test', 'login_refused'],
  ])('is refused where %s, and its code is sent to nobody', async (_what, query, reason) => {
    expect(await redeem(query)).toMatchObject({ code: 'login_failed', reason })
    expect(posted).toEqual([])
  })

  it.each<[string, () => string | undefined]>([
    ['of another login', () => idToken({ nonce: 'other' })],
    ['for another client', () => idToken({ aud: 'other' })],
    ['of another issuer', () => idToken({ iss: 'https://evil.test' })],
    ['that is over', () => idToken({ iat: 1, exp: 2 })],
    ['that is not there', () => undefined],
  ])('is refused with an ID token %s', async (_what, token) => {
    answer = () => [200, granted({ id_token: token() })]
    expect(await redeem()).toMatchObject({ code: 'login_failed', reason: 'login_refused' })
  })

  it('is refused where the user logged in too long ago for this step-up (RFC 9470)', async () => {
    const old = { auth_time: Math.floor(systemClock()) - 120 }
    answer = () => [200, granted({ id_token: idToken(old) })]
    const login = { ...LOGIN, asked: { max_age: '60' } }
    expect(await redeem('code=c', login)).toMatchObject({ reason: 'login_refused' })
    expect(await redeem()).toMatchObject({ accessToken: 'access' })
  })

  it('brings nothing by an ID token that somebody else signed', async () => {
    const forged = createSigningKey('ES256', 'key-1').sign({}, { iss: server.url, aud: 'app', sub: 'mallory', nonce: LOGIN.nonce, iat: Math.floor(systemClock()), exp: Math.floor(systemClock()) + 300 }) // prettier-ignore
    answer = () => [200, granted({ id_token: forged })]
    expect(await redeem()).toBeInstanceOf(Error)
  })

  it.each([
    ['invalid_grant', 400, 'login_refused', 'login_failed'],
    ['invalid_client', 401, 'issuer_unavailable', 'temporarily_unavailable'],
    ['server_error', 500, 'issuer_unavailable', 'temporarily_unavailable'],
  ])('is judged by the error %s of the token endpoint', async (error, status, reason, code) => {
    answer = () => [status, { error }]
    expect(await redeem()).toMatchObject({ code, reason })
  })
})

describe('a refresh token', () => {
  it('brings the next tokens', async () => {
    answer = () => [200, granted({ access_token: 'access-2', id_token: undefined })]
    expect(await client().refresh('refresh-1')).toMatchObject({
      accessToken: 'access-2',
      claims: undefined,
    })
    const form = { grant_type: 'refresh_token', refresh_token: 'refresh-1' }
    expect(posted).toMatchObject([{ path: '/token', form }])
  })

  it('ends the session where it is not good, and for no other error', async () => {
    answer = () => [400, { error: 'invalid_grant' }]
    expect(await client().refresh('r')).toMatchObject({ status: 401, reason: 'session_ended' })
    for (const [status, error] of [
      [400, 'invalid_scope'],
      [401, 'invalid_client'],
      [503, ''],
    ]) {
      // prettier-ignore
      answer = () => [Number(status), { error }]
      expect(await client().refresh('r')).toMatchObject({ status: 503 })
    }
  })

  it('is revoked where the issuer can do that (RFC 7009)', async () => {
    await client().revoke('refresh-1')
    expect(posted).toEqual([])
    metadata = { ...metadata, revocation_endpoint: `${server.url}/revoke` }
    answer = () => [200, {}]
    await client().revoke('refresh-1')
    const form = { token: 'refresh-1', token_type_hint: 'refresh_token' }
    expect(posted).toMatchObject([{ path: '/revoke', form }])
  })

  it('holds no logout up that the issuer does not answer', async () => {
    metadata = { ...metadata, revocation_endpoint: `${server.url}/revoke` }
    answer = () => [500, {}]
    await expect(client().revoke('refresh-1')).resolves.toBeUndefined()
  })
})

describe('the address of a logout', () => {
  it('is that of the issuer, which leads back', async () => {
    metadata = { ...metadata, end_session_endpoint: `${server.url}/end` }
    const url = await client().logoutUrl('id-token')
    expect(Object.fromEntries(url?.searchParams ?? [])).toEqual({
      id_token_hint: 'id-token',
      client_id: 'app',
      post_logout_redirect_uri: 'https://app.test/',
    })
    const alone = await client({ afterLogout: undefined }).logoutUrl('id-token')
    expect(alone?.searchParams.has('post_logout_redirect_uri')).toBe(false)
  })

  it.each([
    ['has none', undefined],
    ['names one over plain http', 'http://id.test/end'],
  ])('is none where the issuer %s', async (_what, end_session_endpoint) => {
    metadata = { ...metadata, ...(end_session_endpoint && { end_session_endpoint }) }
    expect(await client().logoutUrl('id-token')).toBeUndefined()
  })
})
