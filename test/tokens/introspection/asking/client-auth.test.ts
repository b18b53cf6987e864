import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { createServer } from 'node:https'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createLocalJWKSet, jwtVerify } from 'jose'
import {
  bearer,
  clientSecretBasic,
  clientSecretPost,
  privateKeyJwt,
  tlsClientAuth,
  type ClientAuth,
} from '../../../../lib/index.js'
import { postForm } from '../../../../lib/net/fetch/post-form.js'
import { CLIENT, type IntrospectionCall } from '../../../../tools/introspecting-issuer.js'
import { SELF_SIGNED } from '../../../../tools/self-signed.js'
import { networkOf } from '../../../support/network.js'
import { running } from '../../../../tools/server.js'
import { get, startIntrospected, type Introspected } from '../../../support/introspected.js'

let scene: Introspected

beforeAll(async () => {
  scene = await startIntrospected()
})
beforeEach(() => scene.reset())
afterAll(() => scene.close())

/** What the endpoint got from an API that says who it is in this way. */
async function callBy(clientAuth: ClientAuth): Promise<IntrospectionCall> {
  const api = await scene.startApi({ clientAuth })
  await get(api, scene.issuer.opaque()).expect(200)
  const [call] = scene.issuer.calls
  expect(call).toBeDefined()
  return call!
}

type KeyKind = 'P-256' | 'P-384' | 'P-521' | 'ed25519' | 'rsa'

function keyPair(kind: KeyKind): Record<'own' | 'shown', JsonWebKey> {
  const { privateKey, publicKey } = kind.startsWith('P-')
    ? generateKeyPairSync('ec', { namedCurve: kind })
    : kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ed25519')
  return { own: privateKey.export({ format: 'jwk' }), shown: publicKey.export({ format: 'jwk' }) }
}

describe('a client of an introspection endpoint', () => {
  it('sends id and secret form-encoded in the header (7662-03)', async () => {
    const call = await callBy(clientSecretBasic('odd: secret+1%'))
    const [scheme, value = ''] = call.headers.authorization?.split(' ') ?? []
    expect(scheme).toBe('Basic')
    expect(Buffer.from(value, 'base64').toString()).toBe('api%2D1:odd%3A+secret%2B1%25')
  })

  it('sends them in the form (7662-03)', async () => {
    const call = await callBy(clientSecretPost('a secret'))
    expect(call.headers.authorization).toBeUndefined()
    expect(call.form.get('client_id')).toBe(CLIENT.id)
    expect(call.form.get('client_secret')).toBe('a secret')
  })

  it.each<[KeyKind, { readonly kid?: string; readonly alg?: string }, string]>([
    ['P-256', { kid: 'ours' }, 'ES256'],
    ['P-384', { kid: 'ours' }, 'ES384'],
    ['P-521', {}, 'ES512'],
    ['ed25519', { kid: 'ours' }, 'Ed25519'],
    ['ed25519', { alg: 'EdDSA' }, 'Ed25519'],
    ['rsa', {}, 'RS256'],
    ['rsa', { alg: 'PS256' }, 'PS256'],
  ])(
    'sends an assertion for the issuer, signed by a key of %s with %j as %s (7662-03)',
    async (kind, members, algorithm) => {
      const { own, shown } = keyPair(kind)
      const call = await callBy(privateKeyJwt({ ...own, ...members }))
      const assertion = call.form.get('client_assertion') ?? ''
      const keys = createLocalJWKSet({ keys: [{ ...shown, kid: members.kid! }] })
      const { payload, protectedHeader } = await jwtVerify(assertion, keys, {
        issuer: CLIENT.id,
        subject: CLIENT.id,
        audience: scene.issuer.url,
      })
      expect(protectedHeader.alg).toBe(algorithm)
      expect(protectedHeader.kid).toBe(members.kid)
      expect(payload.exp! - payload.iat!).toBe(60)
      expect(payload.jti).toMatch(/./)
    },
  )

  it.each([
    ['client_secret_basic', clientSecretBasic('a')],
    ['client_secret_post', clientSecretPost('a')],
    ['private_key_jwt', privateKeyJwt(keyPair('P-256').own)],
    ['tls_client_auth', tlsClientAuth(SELF_SIGNED)],
    ['bearer', bearer('a')],
  ])('is called %s, as metadata name it (RFC 8414)', (method, auth) => {
    expect(auth.method).toBe(method)
  })

  it.each([
    [clientSecretBasic, 'clientSecretBasic'],
    [clientSecretPost, 'clientSecretPost'],
    [bearer, 'bearer'],
  ])('is told by its own name that its secret is none: %o', (make, name) => {
    expect(() => make('')).toThrow(name)
  })

  it('sends an access token of its own, asked for at each call (7662-03)', async () => {
    let asked = 0
    const auth = bearer(async () => `token-${(asked += 1)}`)
    const call = await callBy(auth)
    expect(call.headers.authorization).toBe('Bearer token-1')
    const api = await scene.startApi({ clientAuth: auth })
    await get(api, scene.issuer.opaque()).expect(200)
    expect(scene.issuer.calls[1]?.headers.authorization).toBe('Bearer token-2')
  })

  it('goes to the endpoint for certificates with one (8705-13)', async () => {
    const alias = `${scene.issuer.url}/introspect-mtls`
    scene.issuer.metadata = { mtls_endpoint_aliases: { introspection_endpoint: alias } }
    const call = await callBy(tlsClientAuth(SELF_SIGNED))
    expect(call.url).toBe('/introspect-mtls')
    expect(call.form.get('client_id')).toBe(CLIENT.id)
  })

  it.each<[string, () => string | Promise<string>]>([
    [
      'throws',
      () => {
        throw new Error('the vault is sealed')
      },
    ],
    ['rejects', () => Promise.reject(new Error('the vault is sealed'))],
    ['brings nothing', () => ''],
  ])('whose secret function %s is in an outage: 503', async (_what, secret) => {
    const api = await scene.startApi({ clientAuth: clientSecretBasic(secret) })
    await get(api, 'some-token').expect(503)
    expect(scene.lastReason()).toBe('introspection_unavailable')
  })

  it.each<[string, () => unknown]>([
    ['an empty secret', () => clientSecretBasic('')],
    ['an empty secret in the form', () => clientSecretPost('')],
    ['no token', () => bearer(undefined as never)],
    ['a public key', () => privateKeyJwt(keyPair('P-256').shown)],
    ['no certificate', () => tlsClientAuth({ key: SELF_SIGNED.key } as never)],
  ])('is refused at construction with %s', (_what, make) => {
    expect(make).toThrow(TypeError)
  })
})

describe('postForm', () => {
  it('refuses a server that nobody vouches for, and says nothing of the token (7662-04)', async () => {
    const server = await running(createServer(SELF_SIGNED))
    const url = new URL(`https://127.0.0.1:${server.port}/introspect`)
    const limits = { signal: AbortSignal.timeout(2000), maxBytes: 1000, network: networkOf([url]) }
    const post = { body: 'token=secret-token', headers: {}, certificate: SELF_SIGNED }
    const error: unknown = await postForm(url, post, limits).catch((cause: unknown) => cause)
    await server.close()
    expect(String(error)).toMatch(/FetchError.*SELF_SIGNED/)
    expect(String(error)).not.toContain('secret-token')
  })

  it('refuses http off loopback (7662-04)', async () => {
    const url = new URL('http://id.example.com/introspect')
    const limits = { signal: AbortSignal.timeout(2000), maxBytes: 1000, network: networkOf([url]) }
    await expect(postForm(url, { body: '', headers: {} }, limits)).rejects.toThrow(/not https/)
  })
})
