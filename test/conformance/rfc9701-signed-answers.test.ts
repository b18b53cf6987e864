import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createSigningKey } from '../../tools/issuer.js'
import { CompactEncrypt, SignJWT } from 'jose'
import { CLIENT } from '../../tools/introspecting-issuer.js'
import type { RunningServer } from '../../tools/server.js'
import { get, startIntrospected, type Introspected } from '../support/introspected.js'

type Members = Readonly<Record<string, unknown>>

const TYPE = 'application/token-introspection+jwt'

let scene: Introspected
let api: RunningServer

beforeAll(async () => {
  scene = await startIntrospected()
})
beforeEach(async () => {
  scene.reset()
  api = await scene.startApi({ signed: true })
})
afterAll(() => scene.close())

function respondWith(text: string, type = TYPE): void {
  scene.issuer.respond = (_call, res) => {
    res.setHeader('content-type', type)
    res.end(text)
  }
}

function active(): Members {
  const token = scene.issuer.opaque()
  return scene.issuer.answers.get(token) as Members
}

async function respondSigned(claims: Members = {}, header: Members = {}): Promise<void> {
  respondWith(await scene.issuer.signedAnswer({ token_introspection: active(), ...claims }, header))
}

/** The verdict over a token that nobody can judge by this answer. */
const UNUSABLE = [503, undefined, 'introspection_unavailable']

async function verdict(): Promise<readonly unknown[]> {
  const { status, headers } = await get(api, 'some-token')
  return [status, headers['www-authenticate'], scene.lastReason()]
}

describe('a signed answer', () => {
  it('is asked for by its media type, and accepted (9701-01, 9701-05)', async () => {
    await respondSigned()
    await get(api, 'some-token').expect(200)
    await get(api, 'some-token').expect(200)
    expect(scene.issuer.calls.map(({ headers }) => headers['accept'])).toEqual([TYPE])
  })

  it('that says "inactive" is a bad token', async () => {
    await respondSigned({ token_introspection: { active: false } })
    await get(api, 'some-token').expect(401)
    expect(scene.lastReason()).toBe('inactive_token')
  })

  it('is the only one that is taken (9701-02)', async () => {
    respondWith(JSON.stringify(active()), 'application/json')
    expect(await verdict()).toEqual(UNUSABLE)
  })

  it('is not taken unverified where none was asked for', async () => {
    api = await scene.startApi()
    await respondSigned()
    expect(await verdict()).toEqual(UNUSABLE)
  })

  it.each(['JWT', 'at+jwt', undefined])('must not be of the type %s (9701-03)', async (typ) => {
    await respondSigned({}, { typ })
    expect(await verdict()).toEqual(UNUSABLE)
  })

  it('for another is refused with the name that it must have (9701-04)', async () => {
    await respondSigned({ aud: 'https://notes.example' })
    await get(api, 'some-token').expect(503)
    expect(scene.events).toContainEqual(
      expect.objectContaining({
        name: 'introspection.failed',
        detail: expect.stringContaining(`the answer must name our "clientId", "${CLIENT.id}"`),
      }),
    )
  })

  it.each<[string, Members]>([
    ['of another issuer', { iss: 'https://other.test' }],
    ['of no issuer', { iss: undefined }],
    ['for another client', { aud: 'api-2' }],
    ['for nobody', { aud: undefined }],
    ['without iat', { iat: undefined }],
    ['without an answer', { token_introspection: undefined }],
    ['with an answer that is a list', { token_introspection: [] }],
    ['with an answer that does not say', { token_introspection: { sub: 'user-1' } }],
  ])('is unusable %s (9701-04)', async (_what, claims) => {
    await respondSigned(claims)
    expect(await verdict()).toEqual(UNUSABLE)
  })

  it.each([
    ['two minutes old', -120],
    ['of the future', 120],
  ])('is unusable where it is %s (9701-07)', async (_what, seconds) => {
    await respondSigned({ iat: Math.floor(scene.now) + seconds })
    expect(await verdict()).toEqual(UNUSABLE)
  })

  it('is unusable with a bad signature, or none (9701-05)', async () => {
    const good = await scene.issuer.signedAnswer({ token_introspection: active() })
    respondWith(`${good.slice(0, -8)}AAAAAAAA`)
    expect(await verdict()).toEqual(UNUSABLE)
    const [, payload = ''] = good.split('.')
    const none = Buffer.from('{"alg":"none","typ":"token-introspection+jwt"}').toString('base64url')
    respondWith(`${none}.${payload}.`)
    expect(await verdict()).toEqual(UNUSABLE)
  })

  it('is unusable by an algorithm that is not allowed, here or by the metadata (9701-08)', async () => {
    const key = await createSigningKey('es512', 'ES512')
    scene.issuer.keys = [...scene.issuer.keys, key.jwk]
    const claims = { iss: scene.issuer.url, aud: 'api-1', iat: Math.floor(scene.now) }
    const signed = await new SignJWT({ ...claims, token_introspection: active() })
      .setProtectedHeader({ alg: 'ES512', kid: 'es512', typ: 'token-introspection+jwt' })
      .sign(key.privateKey)
    respondWith(signed)
    api = await scene.startApi({ signed: true }, { algorithms: ['ES256'] })
    expect(await verdict()).toEqual(UNUSABLE)
    scene.issuer.metadata = { introspection_signing_alg_values_supported: ['RS256'] }
    api = await scene.startApi({ signed: true })
    await respondSigned()
    expect(await verdict()).toEqual(UNUSABLE)
  })

  it('is no access token itself (9701-06, 8725-22)', async () => {
    api = await scene.startApi()
    await get(api, await scene.issuer.signedAnswer({ token_introspection: active() })).expect(401)
    expect(scene.lastReason()).toBe('wrong_type')
  })
})

describe('an answer that is signed and then encrypted', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const decryptionKeys = [privateKey.export({ format: 'jwk' })]

  function encrypt(text: string): Promise<string> {
    return new CompactEncrypt(Buffer.from(text))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', cty: 'JWT' })
      .encrypt(publicKey)
  }

  it('is opened with our keys (9701-05)', async () => {
    api = await scene.startApi({ signed: true }, { decryptionKeys })
    respondWith(await encrypt(await scene.issuer.signedAnswer({ token_introspection: active() })))
    expect((await verdict())[0]).toBe(200)
  })

  it('is unusable without them, and where nothing signed is inside (9701-05)', async () => {
    const signed = await scene.issuer.signedAnswer({ token_introspection: active() })
    respondWith(await encrypt(signed))
    expect(await verdict()).toEqual(UNUSABLE)
    api = await scene.startApi({ signed: true }, { decryptionKeys })
    respondWith(await encrypt(JSON.stringify(active())))
    expect(await verdict()).toEqual(UNUSABLE)
    respondWith(await encrypt(`${signed.slice(0, -8)}AAAAAAAA`))
    expect(await verdict()).toEqual(UNUSABLE)
  })
})
