import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  CompactEncrypt,
  EncryptJWT,
  exportJWK,
  generateKeyPair,
  type CryptoKey,
  type JWK,
} from 'jose'
import { createTestIssuer } from '../../lib/testing.js'
import { expectRefusal, frozenClock, startApi, type TestApi } from '../../tools/api.js'
import { encode, takeApart } from '../support/forge.js'

const clock = frozenClock()
const issuer = createTestIssuer({ clock })
let api: TestApi
let publicKey: CryptoKey
let valid: string

async function ownKey(alg: string): Promise<{ publicKey: CryptoKey; jwk: JWK }> {
  const pair = await generateKeyPair(alg, { extractable: true })
  return { publicKey: pair.publicKey, jwk: { ...(await exportJWK(pair.privateKey)), kid: alg } }
}

beforeAll(async () => {
  const rsa = await ownKey('RSA-OAEP-256')
  const curve = await ownKey('ECDH-ES')
  publicKey = rsa.publicKey
  api = await startApi(issuer, { clock, decryptionKeys: [rsa.jwk, curve.jwk] })
  valid = issuer.token({ scope: 'read' })
})

afterAll(async () => {
  await api.close()
})

const OUTER = { alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: 'RSA-OAEP-256', cty: 'JWT' }

async function encrypted(text: string): Promise<string> {
  return new CompactEncrypt(Buffer.from(text)).setProtectedHeader(OUTER).encrypt(publicKey)
}

describe('An API that takes encrypted tokens', () => {
  it('takes a signed token inside, and the same token in the clear (7516-01)', async () => {
    expect((await api.get(await encrypted(valid))).status).toBe(200)
    expect((await api.get(valid)).status).toBe(200)
  })

  it('refuses what anybody could have encrypted: claims without a signature (7516-06, 8725-07, 8725-08)', async () => {
    const { payload } = takeApart(valid)
    const unsigned = await new EncryptJWT(payload).setProtectedHeader(OUTER).encrypt(publicKey)
    for (const token of [
      unsigned,
      await encrypted(`${valid.slice(0, -8)}AAAAAAAA`),
      await encrypted(`${encode({ alg: 'none' })}.${encode(payload)}.`),
      await encrypted(await encrypted(valid)),
      await encrypted(''),
    ]) {
      expectRefusal(await api.get(token), 'invalid_token')
    }
  })

  it.each([
    [
      'a work factor of its choice',
      { alg: 'PBES2-HS256+A128KW', p2s: 'AAAAAAAA', p2c: 10_000_000 },
    ],
    ['RSA1_5', { alg: 'RSA1_5' }],
    ['dir', { alg: 'dir' }],
    ['compression', { alg: 'RSA-OAEP-256', zip: 'DEF' }],
    [
      'a public point off the curve',
      {
        alg: 'ECDH-ES',
        kid: 'ECDH-ES',
        epk: { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) },
      },
    ],
    [
      'a public point of another curve',
      { alg: 'ECDH-ES', kid: 'ECDH-ES', epk: { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43) } },
    ],
    ['no public point', { alg: 'ECDH-ES', kid: 'ECDH-ES' }],
  ])(
    'refuses a sender that brings %s, at no cost (7516-02, 7516-03, 7518-07, 8725-09, 8725-16, 8725-17)',
    async (_name, header) => {
      const begin = performance.now()
      const token = `${encode({ enc: 'A128GCM', ...header })}.AAAA.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA`
      expectRefusal(await api.get(token), 'invalid_token')
      expect(api.reason()).toBe('encrypted_token')
      expect(performance.now() - begin).toBeLessThan(1500)
    },
  )
})
