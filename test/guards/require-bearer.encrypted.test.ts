import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import { CompactEncrypt, exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose'
import request from 'supertest'
import { authOf, requireBearer, type AuthEvent } from '../../lib/index.js'
import { encode, forge, takeApart } from '../support/forge.js'
import { startIssuer, type TestIssuer } from '../../tools/issuer.js'
import { serve, type RunningServer } from '../../tools/server.js'

interface Recipient {
  readonly publicKey: CryptoKey
  readonly jwk: JWK
}

let issuer: TestIssuer
let api: RunningServer
let rsa: Recipient
let ec: Recipient
const events: AuthEvent[] = []

async function recipient(alg: string, kid: string): Promise<Recipient> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return { publicKey, jwk: { ...(await exportJWK(privateKey)), kid } }
}

beforeAll(async () => {
  issuer = await startIssuer()
  rsa = await recipient('RSA-OAEP-256', 'enc-rsa')
  ec = await recipient('ECDH-ES', 'enc-ec')
  const app = express()
  app.use(
    requireBearer({
      issuer: issuer.url,
      audience: issuer.audience,
      decryptionKeys: [rsa.jwk, ec.jwk],
      onEvent: (event) => events.push(event),
    }),
  )
  app.get('/', (req, res) => void res.json({ tokenId: authOf(req).tokenId }))
  api = await serve(app)
})

afterAll(async () => {
  await api.close()
  await issuer.close()
})

function encrypt(text: string, header: Readonly<Record<string, unknown>>, to: Recipient = rsa) {
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({
      alg: 'RSA-OAEP-256',
      enc: 'A256GCM',
      cty: 'JWT',
      kid: to.jwk.kid!,
      ...header,
    })
    .encrypt(to.publicKey)
}

/** The same token but for a claim that comes twice, signed again. */
function withSubjectTwice(token: string): string {
  const { header, payload } = takeApart(token)
  return forge(header, JSON.stringify(payload).replace('{', '{"sub":"admin",'), issuer.key)
}

const send = (token: string) => request(api.url).get('/').set('Authorization', `Bearer ${token}`)

describe('a token that is signed, then encrypted', () => {
  it.each([
    ['RSA-OAEP-256', 'A128GCM', () => rsa],
    ['RSA-OAEP-256', 'A256GCM', () => rsa],
    ['RSA-OAEP-256', 'A256CBC-HS512', () => rsa],
    ['ECDH-ES', 'A128CBC-HS256', () => ec],
    ['ECDH-ES+A256KW', 'A256GCM', () => ec],
  ])('passes with %s and %s (7516-01)', async (alg, enc, to) => {
    const token = await encrypt(await issuer.token({ jti: 'inner' }), { alg, enc }, to())
    const response = await send(token)
    expect(response.status).toBe(200)
    expect(response.body).toEqual({ tokenId: 'inner' })
  })

  it('passes without "kid" and without "cty", if what is inside verifies (7516-06)', async () => {
    const header = { kid: undefined, cty: undefined }
    expect((await send(await encrypt(await issuer.token(), header))).status).toBe(200)
  })

  it.each([
    ['claims without a signature (7516-06, 8725-08)', async () => encrypt('{"iss":"x"}', {})],
    [
      'a bad inner signature (8725-07)',
      async () => encrypt(`${(await issuer.token()).slice(0, -8)}AAAAAAAA`, {}),
    ],
    [
      'an algorithm not on the list (7516-02)',
      async () => encrypt(await issuer.token(), { enc: 'A192GCM' }),
    ],
    ['an unknown "kid"', async () => encrypt(await issuer.token(), { kid: 'other' })],
    ['another content type', async () => encrypt(await issuer.token(), { cty: 'text' })],
    [
      'an outer "iss" that contradicts the inner one (7516-07)',
      async () => encrypt(await issuer.token(), { iss: 'https://other' }),
    ],
    [
      'a claim twice in an inner token that is signed (7519-01)',
      async () => encrypt(withSubjectTwice(await issuer.token()), {}),
    ],
    ['an inner token that has expired', async () => encrypt(await issuer.token({ exp: 1 }), {})],
  ])('is refused for %s', async (_name, make) => {
    const response = await send(await make())
    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toContain('error="invalid_token"')
  })

  it.each([
    ['compressed (7516-03, 8725-17)', { zip: 'DEF' }],
    ['with a critical header (7516-04)', { crit: ['x'], x: 1 }],
    [
      'by a password with ten million rounds (8725-16)',
      { alg: 'PBES2-HS256+A128KW', p2c: 10_000_000 },
    ],
    ['by RSA1_5', { alg: 'RSA1_5' }],
    ['by a key agreed on beforehand', { alg: 'dir' }],
    ['with a content type that is no string', { cty: 1 }],
    ['with a "kid" that is no string', { kid: {} }],
  ])('is refused unopened where it is %s', async (_name, header) => {
    const parts = (await encrypt(await issuer.token(), {})).split('.')
    const outer = { alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: 'enc-rsa', ...header }
    parts[0] = Buffer.from(JSON.stringify(outer)).toString('base64url')
    expect((await send(parts.join('.'))).status).toBe(401)
  })

  it('is refused for a header and a claim nested so deep that comparing them needs more stack than there is', async () => {
    const nested = `${'['.repeat(1500)}${']'.repeat(1500)}`
    const claims = `{"iss":"${issuer.url}","aud":${nested}}`
    const token = `${encode({ alg: 'RS256' })}.${encode(claims)}.AAAA`
    const response = await send(await encrypt(token, { aud: JSON.parse(nested) as unknown }))
    expect(response.status).toBe(401)
  })

  it.each([
    ['under one name', (jwk: JWK): JWK => jwk],
    ['under a name of its own', (jwk: JWK): JWK => ({ ...jwk, kid: 'second' })],
    ['without a name', ({ kid, ...jwk }: JWK): JWK => (kid === undefined ? {} : jwk)],
  ])('is taken of each issuer that our one key was given to, %s', async (_how, given) => {
    const jwks = { keys: [issuer.key.jwk] }
    const common = { audience: issuer.audience, jwks, decryptionKeys: [rsa.jwk] }
    const others = [1, 2, 3, 4, 5].map((tenant) => ({
      issuer: `https://${tenant}.test`,
      ...common,
    }))
    const second = { issuer: 'https://second.test', audience: issuer.audience }
    const app = express()
    app.use(
      requireBearer({
        issuers: [...others, { ...second, jwks, decryptionKeys: [given(rsa.jwk), ec.jwk] }],
      }),
      (_req, res) => void res.end(),
    )
    const token = await issuer.token({ iss: second.issuer })
    const statuses: number[] = []
    for (const [to, alg] of [
      [rsa, 'RSA-OAEP-256'],
      [ec, 'ECDH-ES'],
    ] as const) {
      for (const kid of [to === rsa ? given(rsa.jwk).kid : 'enc-ec', undefined]) {
        const encrypted = await encrypt(token, { alg, kid }, to)
        const { status } = await request(app).get('/').auth(encrypted, { type: 'bearer' })
        statuses.push(status)
      }
    }
    expect(statuses).toEqual([200, 200, 200, 200])
  })

  it('is refused of an issuer whose own key it is not encrypted to', async () => {
    const jwks = { keys: [issuer.key.jwk] }
    const one = { issuer: 'https://one.test', audience: issuer.audience, jwks }
    const two = { issuer: 'https://two.test', audience: issuer.audience, jwks }
    const app = express()
    app.use(
      requireBearer({
        issuers: [
          { ...one, decryptionKeys: [rsa.jwk] },
          { ...two, decryptionKeys: [ec.jwk] },
        ],
      }),
      (_req, res) => void res.end(),
    )
    const token = await encrypt(await issuer.token({ iss: two.issuer }), {})
    expect((await request(app).get('/').auth(token, { type: 'bearer' })).status).toBe(401)
  })

  it('answers every broken part alike, in the event as well (7516-05)', async () => {
    const token = await encrypt(await issuer.token(), {})
    const answers = new Set<string>()
    for (const part of [1, 2, 3, 4]) {
      const parts = token.split('.')
      parts[part] = parts[part]!.slice(0, -4) + 'AAAA'
      events.length = 0
      const response = await send(parts.join('.'))
      const told = events.map((event) => ({ ...event, durationMs: undefined }))
      answers.add(JSON.stringify([response.status, response.body, told]))
    }
    expect(answers.size).toBe(1)
  })

  it('is refused where no decryption keys are configured (7516-01)', async () => {
    const app = express().use(requireBearer({ issuer: issuer.url, audience: issuer.audience }))
    const token = await encrypt(await issuer.token(), {})
    const response = await request(app).get('/').set('Authorization', `Bearer ${token}`)
    expect(response.status).toBe(401)
  })

  it('does not quote a key that it cannot use', () => {
    const { d } = rsa.jwk
    const options = { issuer: issuer.url, audience: 'a', decryptionKeys: [{ kty: 'RSA', d: d! }] }
    expect(() => requireBearer(options)).toThrow(
      'requireBearer: "decryptionKeys" must hold private RSA or EC keys as JWKs; number 0 is none',
    )
  })
})
