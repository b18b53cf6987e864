import { createHmac, KeyObject } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { EncryptJWT, exportSPKI } from 'jose'
import { AuthError, requireBearer } from '../../lib/index.js'
import {
  expectRefusal,
  expectUnavailable,
  frozenClock,
  startApi,
  type TestApi,
} from '../../tools/api.js'
import { encode, forge } from '../support/forge.js'
import {
  createSigningKey,
  startIssuer,
  type SigningKey,
  type TestIssuer,
} from '../../tools/issuer.js'
import { beforeSuite } from '../support/suite.js'

const clock = frozenClock()
let issuer: TestIssuer
let api: TestApi
let header: Record<string, unknown>
let payload: Record<string, unknown>

beforeSuite({ clock }, (suite) => {
  ;({ issuer, api, header, payload } = suite)
})

/** An API whose one key names no algorithm. */
async function withBareKey(key: SigningKey, algorithms?: string[]): Promise<TestApi> {
  const { alg: _alg, ...jwk } = key.jwk
  const list = algorithms === undefined ? {} : { algorithms }
  return startApi(issuer, { clock, jwks: { keys: [jwk] }, ...list })
}

describe('RFC 8725 §3.1: algorithms', () => {
  it('uses the configured algorithms and no others (8725-01, 8725-05)', async () => {
    const strict = await startApi(issuer, { clock, algorithms: ['PS256'] })
    expectRefusal(await strict.get(await issuer.token()), 'invalid_token')
    expect(strict.reason()).toBe('algorithm_not_allowed')
    await strict.close()
  })

  it('verifies by a key without "alg" only what the list allows (8725-02)', async () => {
    const strict = await withBareKey(issuer.key, ['RS256'])
    expect((await strict.get(forge(header, payload, issuer.key))).status).toBe(200)
    const padded = forge({ ...header, alg: 'PS256' }, payload, issuer.key, 'PS256')
    expectRefusal(await strict.get(padded), 'invalid_token')
    await strict.close()
  })

  it.each([
    ['RS256', 'PS256'],
    ['PS256', 'RS256'],
    ['RS512', 'RS256'],
  ])(
    'ties a key without "alg" to %s once that verified, and refuses %s (8725-02)',
    async (first, other) => {
      const open = await withBareKey(issuer.key)
      const by = (alg: string): string => forge({ ...header, alg }, payload, issuer.key, alg)
      expectRefusal(await open.get(`${by(other).slice(0, -8)}AAAAAAAA`), 'invalid_token')
      expect((await open.get(by(first))).status).toBe(200)
      expectRefusal(await open.get(by(other)), 'invalid_token')
      expect(open.reason()).toBe('key_mismatch')
      expect((await open.get(by(first))).status).toBe(200)
      await open.close()
    },
  )

  it('checks that the key found by "kid" is one for "alg" (8725-03)', async () => {
    const curve = await createSigningKey('key-1', 'ES256')
    const token = forge({ ...header, alg: 'ES256' }, payload, curve)
    expectRefusal(await api.get(token), 'invalid_token')
    expect(api.reason()).toBe('key_mismatch')
  })

  it('never takes a public key for a secret (8725-06)', async () => {
    const publicKey = KeyObject.from(issuer.key.publicKey)
    const pem = await exportSPKI(issuer.key.publicKey)
    const secrets = [
      pem,
      pem.trim(),
      ` ${pem}`,
      pem.replaceAll('\n', '\r\n'),
      pem.replace(/-----[^-]+-----|\n/g, ''),
      publicKey.export({ type: 'pkcs1', format: 'pem' }),
      publicKey.export({ type: 'spki', format: 'der' }),
      publicKey.export({ type: 'pkcs1', format: 'der' }),
      JSON.stringify(issuer.key.jwk),
      JSON.stringify(publicKey.export({ format: 'jwk' })),
      Buffer.from(issuer.key.jwk.n!, 'base64url'),
      issuer.key.jwk.n!,
      '',
    ]
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      const input = `${encode({ ...header, alg })}.${encode(payload)}`
      for (const secret of secrets) {
        const mac = createHmac(`sha${alg.slice(2)}`, secret)
          .update(input)
          .digest('base64url')
        expectRefusal(await api.get(`${input}.${mac}`), 'invalid_token')
      }
    }
    expect(api.reason()).toBe('algorithm_not_allowed')
  })
})

describe('RFC 8725 §3.2 to §3.8: keys and issuers', () => {
  it('refuses an encrypted token that anybody could have made (8725-08)', async () => {
    const jwe = await new EncryptJWT(payload)
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: 'key-1' })
      .encrypt(KeyObject.from(issuer.key.publicKey))
    expectRefusal(await api.get(jwe), 'invalid_token')
    expect(api.reason()).toBe('encrypted_token')
  })

  it('refuses a token of five parts before any work is done on it (8725-16, 8725-17)', async () => {
    const bomb = {
      alg: 'PBES2-HS256+A128KW',
      enc: 'A128GCM',
      p2c: 10_000_000,
      p2s: 'AAAA',
      zip: 'DEF',
    }
    const begin = performance.now()
    expectRefusal(await api.get(`${encode(bomb)}.AAAA.AAAA.AAAA.AAAA`), 'invalid_token')
    expect(performance.now() - begin).toBeLessThan(1000)
    expect(api.reason()).toBe('encrypted_token')
  })

  it('takes no key of another issuer, even of the same "kid" (8725-13)', async () => {
    const other = await startIssuer({ clock })
    expectRefusal(await api.get(await other.token({ iss: issuer.url })), 'invalid_token')
    expect(api.reason()).toBe('bad_signature')
    expectRefusal(await api.get(await other.token()), 'invalid_token')
    expect(api.reason()).toBe('unknown_issuer')
    await other.close()
  })

  it('asks nobody for keys on behalf of an issuer it does not know (8725-13)', async () => {
    const other = await startIssuer({ clock })
    await api.get(await other.token())
    expect(other.requests).toEqual([])
    await other.close()
  })

  it('honours the issuer that a key is restricted to (8725-13)', async () => {
    const jwks = { keys: [{ ...issuer.key.jwk, issuer: 'https://other.test' }] }
    const restricted = await startApi(issuer, { clock, jwks })
    expectRefusal(await restricted.get(forge(header, payload, issuer.key)), 'invalid_token')
    expect(restricted.reason()).toBe('unknown_key')
    await restricted.close()
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('unknown user')
      },
    ],
    ['rejects', () => Promise.reject(new Error('unknown user'))],
    ['answers false', () => false as never],
    ['resolves with false', () => Promise.resolve(false) as never],
    [
      'says that no token came',
      () => {
        throw new AuthError('no_credential', { reason: 'no_credential' })
      },
    ],
  ])('lets the app judge issuer and subject together: it %s (8725-14)', async (_name, validate) => {
    for (const optional of [false, true]) {
      const choosy = await startApi(issuer, { clock, validate, optional })
      const response = await choosy.get(forge(header, payload, issuer.key))
      expect(response.status).toBe(401)
      await choosy.close()
    }
  })

  it('says 503 where the app cannot judge (8725-14)', async () => {
    const unsure = await startApi(issuer, {
      clock,
      validate: () => {
        throw new AuthError('temporarily_unavailable', { reason: 'validate_unavailable' })
      },
    })
    expectUnavailable(await unsure.get(forge(header, payload, issuer.key)))
    await unsure.close()
  })

  it.each([
    ['no audience', { audience: undefined }],
    ['an empty audience', { audience: '' }],
    ['an empty list', { audience: [] }],
    ['an empty name in a list', { audience: ['https://api.test', ''] }],
    ['no audience and no client', { audience: false }],
    ['true', { audience: true }],
  ])('refuses to be built with %s (8725-15)', (_name, options) => {
    expect(() => requireBearer({ issuer: issuer.url, ...options } as never)).toThrow(
      /"audience" must/,
    )
  })

  it('judges the client where the issuer sends no audience (8725-15)', async () => {
    const clients = { clock, audience: false, clientId: ['client-1', 'client-2'] } as const
    const cognito = await startApi(issuer, clients)
    const judged = async (changes: object): Promise<number> =>
      (await cognito.get(forge(header, { ...payload, aud: undefined, ...changes }, issuer.key)))
        .status
    expect(await judged({})).toBe(200)
    expect(await judged({ client_id: undefined, azp: 'client-2' })).toBe(200)
    expect(await judged({ client_id: 'client-3' })).toBe(401)
    expect(await judged({ client_id: 'client-3', azp: 'client-1' })).toBe(401)
    expect(await judged({ client_id: undefined })).toBe(401)
    expect(await judged({ client_id: ['client-1'] })).toBe(401)
    await cognito.close()
  })
})
