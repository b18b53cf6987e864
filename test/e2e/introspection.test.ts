import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import type { ClientMetadata, JWK } from 'oidc-provider'
import request from 'supertest'
import { hushAdvice } from '../../examples/demo/hush-advice.js'
import {
  authOf,
  clientSecretBasic,
  clientSecretPost,
  requireBearer,
  requireScope,
  type AuthEvent,
  type ClientAuth,
  type IntrospectionOptions,
} from '../../lib/index.js'
import { running, serve, type RunningServer } from '../../tools/server.js'

const AUDIENCE = 'https://notes.example'
const SECRET = 'a secret: with/odd +characters%'

const signingKey: JWK = {
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
  kid: 'issuer-key',
  alg: 'ES256',
  use: 'sig',
}

function client(id: string, method: 'client_secret_basic' | 'client_secret_post'): ClientMetadata {
  return {
    client_id: id,
    client_secret: SECRET,
    token_endpoint_auth_method: method,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  }
}

let issuer: string
let provider: RunningServer
const apis: RunningServer[] = []
const events: AuthEvent[] = []

beforeAll(async () => {
  hushAdvice()
  const { Provider } = await import('oidc-provider')
  let handle: RequestListener | undefined
  provider = await running(createServer((req, res) => handle?.(req, res)))
  issuer = provider.url
  const oidc = new Provider(issuer, {
    jwks: { keys: [signingKey] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    clientDefaults: {
      id_token_signed_response_alg: 'ES256',
      introspection_signed_response_alg: 'ES256',
    },
    clients: [
      client('basic', 'client_secret_basic'),
      client('post', 'client_secret_post'),
      client('signed', 'client_secret_basic'),
    ],
    enabledJWA: { introspectionSigningAlgValues: ['ES256'] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: () => true },
      jwtIntrospection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, audience) => ({
          audience,
          scope: 'notes:read notes:write',
          accessTokenFormat: 'opaque',
        }),
      },
    },
  })
  const callback = oidc.callback()
  handle = (req, res) => void callback(req, res)
})

afterAll(async () => {
  await Promise.all(apis.map((api) => api.close()))
  await provider.close()
})

async function startApi(
  clientId: string,
  clientAuth: ClientAuth,
  introspection: Partial<IntrospectionOptions> = {},
): Promise<RunningServer> {
  const guard = requireBearer({
    issuer,
    audience: AUDIENCE,
    onEvent: (event) => events.push(event),
    introspection: { clientId, clientAuth, ...introspection },
  })
  const app = express()
  app.use(guard)
  app.get('/', requireScope('notes:read'), (req, res) => void res.json(authOf(req)))
  const api = await serve(app)
  apis.push(api)
  return api
}

const AS_BASIC = `Basic ${Buffer.from(`basic:${encodeURIComponent(SECRET)}`).toString('base64')}`

async function post(path: string, form: Record<string, string>): Promise<unknown> {
  const response = await fetch(issuer + path, {
    method: 'POST',
    headers: { authorization: AS_BASIC },
    body: new URLSearchParams(form),
  })
  const text = await response.text()
  return text === '' ? undefined : JSON.parse(text)
}

async function opaqueToken(resource = AUDIENCE): Promise<string> {
  const form = { grant_type: 'client_credentials', scope: 'notes:read', resource }
  const answer = (await post('/token', form)) as { readonly access_token: string }
  expect(answer).toMatchObject({ token_type: 'Bearer' })
  expect(answer.access_token.split('.')).toHaveLength(1)
  return answer.access_token
}

function get(api: RunningServer, token: string): request.Test {
  return request(api.url).get('/').set('Authorization', `Bearer ${token}`)
}

function lastReason(): string | undefined {
  return events.filter((event) => event.name === 'request.refused').at(-1)?.reason
}

describe('opaque tokens of a real OpenID provider', () => {
  it.each<[string, string, () => ClientAuth, Partial<IntrospectionOptions>]>([
    ['a secret in the header', 'basic', () => clientSecretBasic(SECRET), {}],
    ['a secret in the form', 'post', () => clientSecretPost(() => SECRET), {}],
    ['signed answers', 'signed', () => clientSecretBasic(SECRET), { signed: true }],
  ])('are accepted by way of %s (7662-03, 9701-05)', async (_what, id, auth, asking) => {
    const api = await startApi(id, auth(), asking)
    const { body } = (await get(api, await opaqueToken()).expect(200)) as { body: object }
    expect(body).toMatchObject({ issuer, clientId: 'basic', audience: [AUDIENCE] })
    await get(api, 'invented').expect(401)
    expect(lastReason()).toBe('inactive_token')
  })

  it('are refused once they are revoked there', async () => {
    const api = await startApi('basic', clientSecretBasic(SECRET), { cacheSeconds: 0 })
    const token = await opaqueToken()
    await get(api, token).expect(200)
    await post('/token/revocation', { token })
    await get(api, token).expect(401)
    expect(lastReason()).toBe('inactive_token')
  })

  it('are refused where they are for another API', async () => {
    const api = await startApi('basic', clientSecretBasic(SECRET))
    await get(api, await opaqueToken('https://billing.example')).expect(401)
    expect(lastReason()).toBe('wrong_audience')
  })

  it('cannot be judged with a wrong secret: 503, and an event', async () => {
    const api = await startApi('basic', clientSecretBasic('wrong'))
    await get(api, await opaqueToken()).expect(503)
    expect(lastReason()).toBe('introspection_unauthorized')
    expect(events.at(-2)).toMatchObject({ name: 'introspection.failed', unauthorized: true })
  })
})
