import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import { afterEach, describe, expect, it } from '@jest/globals'
import { requireBearer, type BearerGuard } from '../../../../lib/index.js'
import { serveDocuments } from '../../../support/documents.js'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const JWKS = { keys: [publicKey.export({ format: 'jwk' })] }
const guards: BearerGuard[] = []

afterEach(() => {
  for (const made of guards.splice(0)) made.close()
})

/** A guard with these options, some of which the types would not allow. */
function guard(options: Readonly<Record<string, unknown>>): BearerGuard {
  const defaults = { issuer: 'https://id.example.com', audience: 'https://api.test' }
  const made = requireBearer({ ...defaults, ...options })
  guards.push(made)
  return made
}

describe('requireBearer: where keys come from', () => {
  it.each([
    ['discoveryUrl', 'jwksUri'],
    ['jwksUri', 'jwks'],
    ['jwks', 'secret'],
    ['discoveryUrl', 'secret'],
  ])('refuses %s together with %s (7518-03)', (one, other) => {
    const sources: Record<string, unknown> = {
      discoveryUrl: 'https://id.example.com/metadata',
      jwksUri: 'https://id.example.com/jwks',
      jwks: JWKS,
      secret: Buffer.alloc(32, 1),
    }
    const make = (): unknown => guard({ [one]: sources[one], [other]: sources[other] })
    expect(make).toThrow(TypeError)
    expect(make).toThrow(new RegExp(`"${one}" and "${other}" are different sources of keys`))
  })

  it.each([
    ['plain http', { issuer: 'http://id.example.com' }, /"issuer" must be an https URL/],
    ['a query', { issuer: 'https://id.example.com?a=b' }, /no query/],
    ['an empty query', { issuer: 'https://id.example.com?' }, /"issuer" must have no query/],
    ['a fragment', { issuer: 'https://id.example.com#f' }, /no fragment/],
    ['no URL', { issuer: 'id.example.com' }, /absolute URL/],
    ['a file', { issuer: 'file:///etc/passwd' }, /https URL/],
    ['credentials', { issuer: 'https://user:pass@id.example.com' }, /without credentials/],
    ['a metadata service', { issuer: 'https://169.254.169.254' }, /"issuer"/],
    [
      'several, with discovery',
      { issuer: ['https://a.test', 'https://b.test'] },
      /"issuer" must be one string/,
    ],
  ])('refuses an issuer that is, or has, %s (8414-01)', (_name, options, reason) => {
    expect(() => guard(options)).toThrow(TypeError)
    expect(() => guard(options)).toThrow(reason)
  })

  it.each([
    ['http on loopback', { issuer: 'http://127.0.0.1:9/' }],
    ['http on localhost', { issuer: 'http://localhost:9' }],
    ['a path', { issuer: 'https://id.example.com/tenants/1/' }],
    ['no URL, where keys are given', { issuer: 'accounts.example.com', jwks: JWKS }],
    ['several, where keys are given', { issuer: ['https://a.test', 'b'], jwks: JWKS }],
    ['a URL object for the keys', { jwksUri: new URL('https://id.example.com/jwks') }],
  ])('takes an issuer with %s', (_name, options) => {
    expect(() => guard(options)).not.toThrow()
  })

  it.each([
    ['jwksUri', 'http://id.example.com/jwks'],
    ['jwksUri', 'nonsense'],
    ['jwksUri', 7],
    ['discoveryUrl', 'http://id.example.com/metadata'],
    ['discoveryUrl', 'https://[fe80::1]/metadata'],
  ])('refuses %s: %j', (name, url) => {
    expect(() => guard({ [name]: url })).toThrow(
      new RegExp(`^requireBearer: "${name}" must be an `),
    )
  })
})

describe('requireBearer: discoveryUrl', () => {
  it('may lead to a document for all tenants, where the app names it itself', async () => {
    const server = await serveDocuments()
    const template = 'https://login.test/{tenantid}/v2.0'
    server.documents = {
      '/metadata': { issuer: template, jwks_uri: `${server.url}/jwks` },
      '/jwks': JWKS,
    }
    const made = guard({
      issuer: template.replace('{tenantid}', '9188040d-6c67-4c5b-b112-36a304b66dad'),
      discoveryUrl: `${server.url}/metadata`,
    })
    await made.ready()
    expect(server.requests).toEqual(['GET /metadata', 'GET /jwks'])
    await server.close()
  })
})

describe('requireBearer: static keys', () => {
  it.each([
    ['none', { keys: [] }],
    ['a key of encryption', { keys: [{ ...JWKS.keys[0], use: 'enc' }] }],
    ['null', null],
    ['an object of another kind', { x: 1 }],
  ])('refuses %s', (_name, jwks) => {
    expect(() => guard({ jwks })).toThrow(/"jwks" must hold a usable key/)
  })

  it.each([
    ['a list', [JWKS.keys[0]], '{ keys: list }'],
    ['JSON text', JSON.stringify(JWKS), 'JSON.parse(text)'],
    ['one JWK', JWKS.keys[0], '{ keys: [jwk] }'],
    ['a KeyObject', privateKey, 'key.export({ format: "jwk" })'],
    [
      'PEM',
      privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
      'crypto.createPublicKey(pem).export({ format: "jwk" })',
    ],
  ])('says what to make of %s, and does not show it', (_name, jwks, advice) => {
    const make = (): unknown => guard({ jwks })
    expect(make).toThrow(advice)
    expect(make).not.toThrow(/PRIVATE KEY|"n"|kty/)
  })

  it('refuses a private key, and does not show it (7517-12)', () => {
    const jwk = privateKey.export({ format: 'jwk' })
    const make = (): unknown => guard({ jwks: { keys: [jwk] } })
    expect(make).toThrow(/gives away a private key \(member "d"\)/)
    expect(make).not.toThrow(new RegExp(jwk.d!))
  })

  it('is ready and fresh from the start', async () => {
    const made = guard({ jwks: JWKS })
    await made.ready()
    expect(made.status()).toMatchObject([{ state: 'fresh', generation: 1, lastError: undefined }])
  })

  it.each(['jwks', 'secret'])('refuses keyCache with %s: nothing is fetched', (name) => {
    const value = name === 'jwks' ? JWKS : Buffer.alloc(32, 1)
    expect(() => guard({ [name]: value, keyCache: {} })).toThrow(/"keyCache" must be left out/)
  })
})

describe('requireBearer: a shared secret', () => {
  it.each([
    ['31 bytes', Buffer.alloc(31, 1), /at least 32 random bytes, got 31 bytes/],
    ['no bytes', new Uint8Array(), /got 0 bytes/],
    ['a string', 'a password that is long enough for anybody', /Uint8Array or a secret KeyObject/],
    ['a public key', publicKey, /secret KeyObject/],
    ['a private key', privateKey, /secret KeyObject/],
    ['a JWK', JWKS.keys[0], /secret KeyObject/],
  ])('refuses %s (7518-03, 8725-06, 8725-10)', (_name, secret, reason) => {
    expect(() => guard({ secret })).toThrow(TypeError)
    expect(() => guard({ secret })).toThrow(reason)
  })

  it('does not show the secret in its complaint', () => {
    expect(() => guard({ secret: 'hunter2-hunter2' })).not.toThrow(/hunter2/)
  })

  it.each([
    ['32 bytes', Buffer.alloc(32, 1)],
    ['a KeyObject', createSecretKey(Buffer.alloc(64, 1))],
  ])('takes %s', async (_name, secret) => {
    const made = guard({ secret })
    await made.ready()
    expect(made.status()).toMatchObject([{ state: 'fresh', keyIds: [] }])
  })
})
