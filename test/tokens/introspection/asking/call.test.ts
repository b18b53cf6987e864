import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { NOBODY } from '../../../../lib/core/queue/sender.js'
import { AuthError } from '../../../../lib/core/verdicts/errors.js'
import { callEndpoint } from '../../../../lib/tokens/introspection/asking/call.js'
import type { Question } from '../../../../lib/tokens/introspection/asking/answer.js'
import type { ClientAuth } from '../../../../lib/tokens/introspection/asking/client-auth.js'
import type { IntrospectionSettings } from '../../../../lib/tokens/introspection/asking/options.js'
import { createSigningKey, type SigningKey } from '../../../../tools/issuer.js'
import { serve, type RunningServer } from '../../../../tools/server.js'
import { forge } from '../../../support/forge.js'
import { networkOf } from '../../../support/network.js'
import { ISSUER, NOW, policyOf } from '../../../support/policy.js'

const SIGNED = 'application/token-introspection+jwt'
const JSON_TYPE = 'application/json'
let key: SigningKey
let server: RunningServer
let headers: IncomingHttpHeaders
let form: URLSearchParams
let answer: (res: ServerResponse) => void

beforeAll(async () => {
  key = await createSigningKey('key-1', 'ES256')
  server = await serve((req, res) => {
    headers = req.headers
    req.once('data', (chunk) => {
      form = new URLSearchParams(String(chunk))
      answer(res)
    })
  })
})
beforeEach(() => respond('{"active":true,"sub":"user-1"}'))
afterAll(() => server.close())

function respond(text: string, type = JSON_TYPE): void {
  answer = (res) => res.setHeader('content-type', type).end(text)
}

const clientAuth: ClientAuth = {
  method: 'none',
  authenticate({ issuer, clientId, headers: sent, parameters }) {
    sent.set('x-by', `${clientId} at ${issuer}`)
    parameters.set('more', '1')
  },
}

function call(
  settings: Partial<IntrospectionSettings> = {},
  algorithms?: readonly string[],
): ReturnType<typeof callEndpoint> {
  const network = networkOf(server.url)
  return callEndpoint({
    token: 'the-token',
    endpoint: { url: new URL(server.url), network, algorithms },
    policy: policyOf({ jwks: { keys: [key.jwk] } as never }),
    settings: { clientId: 'api-1', clientAuth, signed: false, maxBytes: 2000, ...settings },
    clock: () => NOW,
    sender: NOBODY,
    signal: AbortSignal.timeout(5000),
  } as unknown as Question)
}

function respondSigned(claims: object = {}): void {
  const body = { iss: ISSUER, aud: 'api-1', iat: NOW, ...claims }
  const header = { alg: 'ES256', kid: 'key-1', typ: 'token-introspection+jwt' }
  respond(forge(header, { ...body, token_introspection: { active: true } }, key), SIGNED)
}

const throwing = (error: Error): ClientAuth => ({
  method: 'none',
  authenticate() {
    throw error
  },
})

describe('a call to an introspection endpoint', () => {
  it('names the token once, in the body, and says who asks', async () => {
    await call()
    expect([...form]).toEqual([
      ['token_type_hint', 'access_token'],
      ['token', 'the-token'],
      ['more', '1'],
    ])
    expect(headers).toMatchObject({
      'x-by': `api-1 at ${ISSUER}`,
      accept: JSON_TYPE,
      'content-type': expect.stringContaining('application/x-www-form-urlencoded'),
    })
  })

  it.each([
    ['active', '{"active":true,"sub":"user-1"}', { active: true, sub: 'user-1' }],
    ['inactive', '{"active":false}', { active: false }],
  ])('brings what is said of a token: %s', async (_what, text, claims) => {
    respond(text, 'Application/JSON; charset=utf-8')
    expect(await call()).toEqual({ active: claims.active, claims, key: undefined })
  })

  it.each<[string, string, string | undefined, number, RegExp]>([
    ['of another type', '{"active":true}', 'text/html', 200, /not of type application\/json/],
    ['of no type', '{"active":true}', undefined, 200, /not of type application\/json/],
    ['that is signed, unasked', '{"active":true}', SIGNED, 200, /The answer is not plain/],
    ['that says active twice', '{"active":false,"active":true}', JSON_TYPE, 200, /duplicate/],
    [
      'with half of a pair',
      String.raw`{"active":true,"sub":"\ud800"}`,
      JSON_TYPE,
      200,
      /surrogate/,
    ],
    ['that does not say active', '{}', JSON_TYPE, 200, /./],
    ['that says active by a text', '{"active":"true"}', JSON_TYPE, 200, /./],
    ['that is a list', '[]', JSON_TYPE, 200, /./],
    ['that is no JSON', 'yes', JSON_TYPE, 200, /./],
    ['that is too long', `{"active":true,"a":"${'a'.repeat(2000)}"}`, JSON_TYPE, 200, /./],
    ['that is nested too deeply', '['.repeat(100), JSON_TYPE, 200, /nested too deeply/],
    ['of another status', '{"active":true}', JSON_TYPE, 201, /The answer is 201/],
  ])('fails by an answer %s', async (_what, text, type, status, message) => {
    answer = (res) => {
      if (type !== undefined) res.setHeader('content-type', type)
      res.writeHead(status).end(text)
    }
    const failed = call()
    await expect(failed).rejects.toMatchObject({ name: 'FetchError' })
    await expect(failed).rejects.toThrow(message)
    await expect(failed).rejects.not.toThrow(/the-token/)
  })

  it.each([401, 403, 429, 503])('keeps the status of a failure: %i', async (status) => {
    answer = (res) => res.writeHead(status, { 'retry-after': '7' }).end()
    await expect(call()).rejects.toMatchObject({ name: 'FetchError', status, retryAfterSeconds: 7 })
  })

  it('fails where we cannot say who we are', async () => {
    const failed = call({ clientAuth: throwing(new Error('the vault is sealed')) })
    await expect(failed).rejects.toMatchObject({
      name: 'FetchError',
      message: 'the vault is sealed',
    })
  })

  it('that ends in a refusal brings it', async () => {
    const refusal = new AuthError('temporarily_unavailable', { reason: 'overloaded' })
    expect(await call({ clientAuth: throwing(refusal) })).toBe(refusal)
  })
})

describe('a call for a signed answer', () => {
  it('asks for it by its type, and takes it', async () => {
    respondSigned()
    const outcome = await call({ signed: true })
    expect(headers.accept).toBe(SIGNED)
    expect(outcome).toMatchObject({ active: true, claims: { active: true } })
  })

  it('takes no plain answer', async () => {
    await expect(call({ signed: true })).rejects.toThrow(
      'The answer is not signed, as "introspection.signed" wants',
    )
  })

  it('takes no algorithm that the metadata leaves out', async () => {
    respondSigned()
    await expect(call({ signed: true }, ['RS256'])).rejects.toMatchObject({ name: 'FetchError' })
    expect(await call({ signed: true }, ['RS256', 'ES256'])).toMatchObject({ active: true })
  })

  it('that is for another names the client that it must be for', async () => {
    respondSigned({ aud: 'the API itself' })
    await expect(call({ signed: true })).rejects.toThrow(
      'with "introspection.signed", the answer must name our "clientId", "api-1"',
    )
  })

  it('leaves other complaints as they are', async () => {
    respondSigned({ iss: 'https://evil.test' })
    const failed = call({ signed: true })
    await expect(failed).rejects.toMatchObject({ name: 'FetchError' })
    await expect(failed).rejects.not.toThrow(/must name our/)
  })
})
