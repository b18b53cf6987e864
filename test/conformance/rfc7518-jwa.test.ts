import { createHmac, createSecretKey, generateKeyPairSync, KeyObject, sign } from 'node:crypto'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { exportJWK } from 'jose'
import { requireBearer, type IssuerFields, type RequireBearerOptions } from '../../lib/index.js'
import {
  expectRefusal,
  expectUnavailable,
  frozenClock,
  startApi,
  type TestApi,
} from '../../tools/api.js'
import { encode, forge, signBytes, takeApart } from '../support/forge.js'
import {
  createSigningKey,
  startIssuer,
  type SigningKey,
  type TestIssuer,
} from '../../tools/issuer.js'
import { beforeSuite } from '../support/suite.js'

const clock = frozenClock()
const SECRET = Buffer.alloc(64, 's')
let issuer: TestIssuer
let api: TestApi
let curve: SigningKey
let header: Record<string, unknown>
let payload: Record<string, unknown>

beforeSuite({ clock }, (suite) => {
  ;({ issuer, api, header, payload } = suite)
})

beforeAll(async () => {
  curve = await createSigningKey('ec-1', 'ES256')
  issuer.keys.push(curve.jwk)
})

function construct(options: Partial<IssuerFields>): () => unknown {
  const { url, audience } = issuer
  return () => requireBearer({ issuer: url, audience, ...options } as RequireBearerOptions)
}

describe('RFC 7518 §3: algorithms', () => {
  it.each([
    ['no signature', ''],
    ['a garbage signature', 'AAAA'],
  ])('refuses alg "none" with %s (7518-01, 7519-16, 9068-02)', async (_name, signature) => {
    for (const alg of ['none', 'None', 'NONE', 'nOnE', 'none ']) {
      const token = `${encode({ ...header, alg })}.${encode(payload)}.${signature}`
      expectRefusal(await api.get(token), 'invalid_token')
    }
  })

  it.each([['none'], ['RS256', 'none'], ['HS256'], ['RS256', 'HS256'], ['ES256K'], ['rs256'], []])(
    'refuses the list of algorithms %j at construction (7518-01)',
    (...algorithms) => {
      expect(construct({ algorithms })).toThrow(/"algorithms" must/)
    },
  )

  it.each([
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
    'ES256',
    'ES384',
    'ES512',
    'EdDSA',
    'Ed25519',
  ])('verifies %s by default (7518-08, 9068-01)', async (alg) => {
    const own = await startIssuer({ clock, alg })
    const behind = await startApi(own, { clock })
    expect((await behind.get(await own.token())).status).toBe(200)
    await Promise.all([behind.close(), own.close()])
  })

  it.each([
    ['RSA of 1024 bits', 1024, 65_537],
    ['RSA with the exponent 3', 2048, 3],
  ])('never uses %s (7518-02, FAPI-07)', async (_name, modulusLength, publicExponent) => {
    const pair = generateKeyPairSync('rsa', { modulusLength, publicExponent })
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'weak', alg: 'RS256', use: 'sig' }
    const input = `${encode({ ...header, kid: 'weak' })}.${encode(payload)}`
    const token = `${input}.${signBytes(Buffer.from(input), pair.privateKey, 'RS256').toString('base64url')}`
    const alone = await startIssuer({ clock })
    alone.keys = [jwk, curve.jwk]
    const behind = await startApi({ ...issuer }, { clock, jwksUri: `${alone.url}/jwks` })
    expectUnavailable(await behind.get(token))
    await Promise.all([behind.close(), alone.close()])
  })

  it('takes secrets of full length only, as bytes, and alone (7518-03, 8725-10)', () => {
    for (const secret of [
      Buffer.alloc(31),
      Buffer.alloc(0),
      createSecretKey(Buffer.alloc(31)),
      KeyObject.from(issuer.key.publicKey),
      'correct horse battery staple, and 64 characters of it all in all' as never,
      '-----BEGIN PUBLIC KEY-----' as never,
    ]) {
      expect(construct({ secret })).toThrow(/"secret" must/)
    }
    for (const source of [
      { jwks: { keys: [curve.jwk] } },
      { jwksUri: 'https://id.test/jwks' },
      { discoveryUrl: 'https://id.test/metadata' },
    ]) {
      expect(construct({ secret: SECRET, ...source })).toThrow(/different sources of keys/)
    }
    expect(construct({ secret: SECRET, algorithms: ['HS256', 'RS256'] })).toThrow(
      /"algorithms" must/,
    )
  })

  it.each([
    ['HS256', 32, 200],
    ['HS384', 32, 401],
    ['HS384', 48, 200],
    ['HS512', 48, 401],
    ['HS512', 64, 200],
  ])('verifies %s with a secret of %d bytes: %d (7518-03)', async (alg, bytes, status) => {
    const secret = SECRET.subarray(0, bytes)
    const shared = await startApi(issuer, { clock, secret })
    const input = `${encode({ alg })}.${encode(payload)}`
    const mac = createHmac(`sha${alg.slice(2)}`, secret)
      .update(input)
      .digest('base64url')
    expect((await shared.get(`${input}.${mac}`)).status).toBe(status)
    await shared.close()
  })

  it('takes no public-key signature where a secret is configured (7518-03)', async () => {
    const shared = await startApi(issuer, { clock, secret: SECRET })
    expectRefusal(await shared.get(await issuer.token()), 'invalid_token')
    await shared.close()
  })

  it.each([
    ['in DER', (data: Buffer, key: KeyObject) => sign('sha256', data, key)],
    ['a byte short', (data: Buffer, key: KeyObject) => signBytes(data, key, 'ES256').subarray(1)],
    [
      'a byte long',
      (data: Buffer, key: KeyObject) =>
        Buffer.concat([signBytes(data, key, 'ES256'), Buffer.alloc(1)]),
    ],
    ['of zeroes', () => Buffer.alloc(64)],
    ['of the curve order', () => Buffer.concat([P256_ORDER, P256_ORDER])],
    ['of r = 1, s = 0', () => Buffer.concat([ONE, Buffer.alloc(32)])],
    ['of r = 0, s = 1', () => Buffer.concat([Buffer.alloc(32), ONE])],
    ['of r = s = 1', () => Buffer.concat([ONE, ONE])],
  ])('refuses an ECDSA signature %s (7518-04)', async (_name, forgeSignature) => {
    const input = `${encode({ ...header, alg: 'ES256', kid: 'ec-1' })}.${encode(payload)}`
    const signature = forgeSignature(Buffer.from(input), KeyObject.from(curve.privateKey))
    expectRefusal(await api.get(`${input}.${signature.toString('base64url')}`), 'invalid_token')
    expect(api.reason()).toBe('bad_signature')
  })

  it('ties each ECDSA algorithm to its curve (7518-05)', async () => {
    const wide = await createSigningKey('ec-384', 'ES384')
    const { alg: _alg, ...jwk } = wide.jwk
    const keyed = await startApi(issuer, { clock, jwks: { keys: [jwk] } })
    const input = `${encode({ ...header, alg: 'ES256', kid: 'ec-384' })}.${encode(payload)}`
    const signature = sign('sha256', Buffer.from(input), {
      key: KeyObject.from(wide.privateKey),
      dsaEncoding: 'ieee-p1363',
    })
    expectRefusal(await keyed.get(`${input}.${signature.toString('base64url')}`), 'invalid_token')
    expect(keyed.reason()).toBe('key_mismatch')
    expect(
      (await keyed.get(forge({ ...header, alg: 'ES384', kid: 'ec-384' }, payload, wide))).status,
    ).toBe(200)
    await keyed.close()
  })

  it.each([
    ['a point off the curve', { y: curveMember('x') }],
    ['a missing coordinate', { y: () => undefined }],
  ])('never uses an EC key with %s (7518-06)', async (_name, change) => {
    const changed = Object.fromEntries(Object.entries(change).map(([name, make]) => [name, make()]))
    issuer.keys = [{ ...curve.jwk, ...changed }, issuer.key.jwk]
    const behind = await startApi(issuer, { clock })
    expectUnavailable(await behind.get(await issuer.token({}, {}, curve)))
    expect((await behind.get(await issuer.token())).status).toBe(200)
    await behind.close()
    issuer.keys = [issuer.key.jwk, curve.jwk]
  })

  it('uses an EC key whose coordinate lost its leading zero, or has one more (7518-06)', async () => {
    const short = await keyWithLeadingZero()
    const bytes = Buffer.from(short.jwk.x!, 'base64url')
    const token = await issuer.token({}, {}, short)
    for (const written of [bytes, bytes.subarray(1), Buffer.concat([Buffer.alloc(1), bytes])]) {
      const jwk = { ...short.jwk, x: written.toString('base64url') }
      const app = await startApi(issuer, { clock, jwks: { keys: [jwk, curve.jwk] } })
      expect((await app.get(token)).status).toBe(200)
      await app.close()
    }
  })

  it.each([
    ['EdDSA', ['EdDSA', 'Ed25519']],
    ['Ed25519', ['Ed25519']],
  ])('takes for %s in the list: %j (7518-08)', async (name, taken) => {
    const edwards = await createSigningKey('ed-1', 'EdDSA')
    const only = await startApi(issuer, {
      clock,
      algorithms: [name],
      jwks: { keys: [edwards.jwk] },
    })
    for (const alg of ['EdDSA', 'Ed25519']) {
      const response = await only.get(forge({ ...header, alg, kid: 'ed-1' }, payload, edwards))
      expect(response.status).toBe(taken.includes(alg) ? 200 : 401)
    }
    await only.close()
  })

  it('refuses the second spelling that an Ed25519 signature could have (7518-08)', async () => {
    const edwards = await createSigningKey('ed-1', 'EdDSA')
    const only = await startApi(issuer, { clock, jwks: { keys: [edwards.jwk] } })
    const token = forge({ ...header, alg: 'EdDSA', kid: 'ed-1' }, payload, edwards)
    const { signature } = takeApart(token)
    const scalar = littleEndian(signature.subarray(32)).toString('hex')
    const other = (BigInt(`0x${scalar}`) + ED25519_ORDER).toString(16).padStart(64, '0')
    const halves = [signature.subarray(0, 32), littleEndian(Buffer.from(other, 'hex'))]
    const twin = Buffer.concat(halves).toString('base64url')
    expect((await only.get(token)).status).toBe(200)
    // The neutral element, which some verifiers took for a signature of anything.
    const neutral = Buffer.alloc(64)
    neutral[0] = 1
    for (const forged of [twin, encode(Buffer.alloc(64)), encode(neutral), encode('short')]) {
      const changed = `${token.slice(0, token.lastIndexOf('.'))}.${forged}`
      expectRefusal(await only.get(changed), 'invalid_token')
    }
    await only.close()
  })

  it('has nothing to say while no key of the set is usable (7518-06)', async () => {
    issuer.keys = [{ ...curve.jwk, x: curve.jwk.y! }]
    const behind = await startApi(issuer, { clock })
    expectUnavailable(await behind.get(await issuer.token({}, {}, curve)))
    await behind.close()
    issuer.keys = [issuer.key.jwk, curve.jwk]
  })
})

const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n
const ONE = Buffer.from('01'.padStart(64, '0'), 'hex')
const P256_ORDER = Buffer.from(
  'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
  'hex',
)

function curveMember(name: 'x' | 'y'): () => unknown {
  return () => curve.jwk[name]
}

/** One key in 256 has an x that begins with a zero byte. */
async function keyWithLeadingZero(): Promise<SigningKey> {
  for (;;) {
    const key = await createSigningKey('short', 'ES256')
    if (Buffer.from(key.jwk.x!, 'base64url')[0] === 0) return key
  }
}

/** The bytes in the other order. */
function littleEndian(bytes: Buffer): Buffer {
  return Buffer.from([...bytes].toReversed())
}
