import { createHmac, X509Certificate } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { exportJWK, type JWK } from 'jose'
import {
  expectRefusal,
  expectUnavailable,
  frozenClock,
  startApi,
  type TestApi,
} from '../../tools/api.js'
import { encode } from '../support/forge.js'
import {
  createSigningKey,
  startIssuer,
  type SigningKey,
  type TestIssuer,
} from '../../tools/issuer.js'
import { SELF_SIGNED } from '../../tools/self-signed.js'

const clock = frozenClock()
let issuer: TestIssuer
let api: TestApi
let second: SigningKey
let curve: SigningKey

beforeAll(async () => {
  issuer = await startIssuer({ clock })
  second = await createSigningKey('key-2')
  curve = await createSigningKey('ec-1', 'ES256')
})

beforeEach(async () => {
  issuer.keys = [issuer.key.jwk]
  issuer.intercept = undefined
  issuer.requests.length = 0
  api = await startApi(issuer, { clock })
})

afterEach(() => api.close())
afterAll(() => issuer.close())

/** Answers for the JWKS with this body, whatever it is. */
function serveKeys(body: string): void {
  issuer.intercept = (req, res) => {
    if (req.url !== '/jwks') return false
    res.end(body)
    return true
  }
}

function bare({ kid: _kid, ...jwk }: JWK): JWK {
  return jwk
}

function jwksFetches(): number {
  return issuer.requests.filter((path) => path === '/jwks').length
}

describe('RFC 7517 §5: the set', () => {
  it.each([
    ['a list', '[]'],
    ['an object without keys', '{}'],
    ['keys that are no list', '{"keys":{}}'],
    ['no keys', '{"keys":[]}'],
    ['null', 'null'],
    ['HTML', '<!doctype html><p>Sign in</p>'],
    ['a truncated document', '{"keys":[{"kty":"RSA"'],
    ['nothing', ''],
  ])('takes %s for an outage, not for a bad token (7517-01)', async (_name, body) => {
    serveKeys(body)
    expectUnavailable(await api.get(await issuer.token()))
  })

  it('leaves out keys that it cannot use, and uses the others (7517-02)', async () => {
    const { n, e } = issuer.key.jwk
    issuer.keys = [
      { kty: 'FOO', kid: 'key-1' },
      { kty: 'oct', kid: 'key-1' },
      { kty: 'AKP', kid: 'key-1', alg: 'ML-DSA-44', pub: 'AAAA' },
      { kty: 'RSA', kid: 'key-1', n: n! },
      { kty: 'RSA', kid: 'key-1', e: e! },
      { kty: 'RSA', kid: 'key-1', n: 5 as never, e: e! },
      { kty: 'RSA', kid: 'key-1', n: '', e: '' },
      { kty: 'EC', kid: 'key-1', crv: 'secp256k1', x: 'AA', y: 'AA' },
      { kty: 'OKP', kid: 'key-1', crv: 'X25519', x: 'AA' },
      { kty: 'RSA', kid: 7 as never, n: n!, e: e! },
      null as never,
      'key' as never,
      { ...issuer.key.jwk },
    ]
    expect((await api.get(await issuer.token())).status).toBe(200)
    expect(api.events.filter(({ name }) => name === 'keys.ignored')).toHaveLength(12)
  })

  it('reads a set with a name twice without a crash (7517-13)', async () => {
    const jwk = JSON.stringify(issuer.key.jwk)
    serveKeys(`{"keys":[],"keys":[${jwk.replace('{', '{"kid":"other",')}]}`)
    expect((await api.get(await issuer.token())).status).toBe(200)
  })
})

describe('RFC 7517 §4: members of a key', () => {
  it.each<[string, Partial<JWK>]>([
    ['is for encryption', { use: 'enc' }],
    ['has another use', { use: 'SIG' }],
    ['is for signing only', { use: undefined as never, key_ops: ['sign'] }],
    ['has operations that are no list', { key_ops: 'verify' as never }],
    ['contradicts itself', { use: 'sig', key_ops: ['encrypt'] }],
    ['contradicts itself the other way', { use: 'enc', key_ops: ['verify'] }],
  ])('never uses a key that %s (7517-03, 7517-04)', async (_name, members) => {
    issuer.keys = [{ ...issuer.key.jwk, ...members }, second.jwk]
    expectUnavailable(await api.get(await issuer.token()))
    expect((await api.get(await issuer.token({}, {}, second))).status).toBe(200)
  })

  it.each<[string, object]>([
    ['no use, by null', { use: null, key_ops: null }],
    ['no operations, by an empty list', { key_ops: [] }],
    ['no algorithm, by null', { alg: null }],
    ['no issuer, by null', { issuer: null }],
    ['no private half, by null and by nothing', { d: null, p: null, dp: '', oth: [], k: null }],
  ])('uses a key that has %s (7517-03)', async (_name, members) => {
    issuer.keys = [{ ...issuer.key.jwk, ...members }]
    expect((await api.get(await issuer.token())).status).toBe(200)
  })

  it('uses a key that may verify among other things (7517-03)', async () => {
    issuer.keys = [{ ...issuer.key.jwk, key_ops: ['sign', 'verify'] }]
    expect((await api.get(await issuer.token())).status).toBe(200)
  })

  it('refuses a token of another algorithm than its key says (7517-05)', async () => {
    issuer.keys = [{ ...issuer.key.jwk, alg: 'PS256' }]
    expectRefusal(await api.get(await issuer.token()), 'invalid_token')
    expect(api.reason()).toBe('key_mismatch')
  })

  it('uses a key that names no algorithm, within the list (7517-06)', async () => {
    const { alg: _alg, ...jwk } = issuer.key.jwk
    issuer.keys = [jwk]
    expect((await api.get(await issuer.token())).status).toBe(200)
  })

  it('tells keys of one "kid" apart by their type (7517-07, FAPI-08)', async () => {
    issuer.keys = [
      { ...issuer.key.jwk, kid: '1' },
      { ...curve.jwk, kid: '1' },
    ]
    for (const key of [issuer.key, curve]) {
      expect((await api.get(await issuer.token({}, { kid: '1' }, key))).status).toBe(200)
    }
  })

  it('needs no "kid" where there is one key, or several (7517-08)', async () => {
    issuer.keys = [bare(issuer.key.jwk)]
    expect((await api.get(await issuer.token({}, { kid: undefined }))).status).toBe(200)

    issuer.keys = [bare(issuer.key.jwk), bare(second.jwk)]
    const both = await startApi(issuer, { clock })
    for (const key of [issuer.key, second]) {
      expect((await both.get(await issuer.token({}, { kid: undefined }, key))).status).toBe(200)
    }
    await both.close()
  })

  it('bounds how many keys a token without "kid" makes it try (7517-08)', async () => {
    const wrong = Array.from({ length: 40 }, (_, index) => ({ ...second.jwk, kid: `w${index}` }))
    issuer.keys = [...wrong, { ...issuer.key.jwk }]
    expectRefusal(await api.get(await issuer.token({}, { kid: undefined })), 'invalid_token')
    expect((await api.get(await issuer.token())).status).toBe(200)
  })

  it('uses the bare key alone, whatever its certificate says (7517-11)', async () => {
    const x5c = [new X509Certificate(SELF_SIGNED.cert).raw.toString('base64')]
    issuer.keys = [{ ...issuer.key.jwk, x5c, x5t: 'AAAA', x5u: 'http://127.0.0.1:1/x' }]
    expect((await api.get(await issuer.token())).status).toBe(200)
    issuer.keys = [{ kty: 'EC', kid: 'key-1', use: 'sig', x5c }]
    const certificateOnly = await startApi(issuer, { clock })
    expectUnavailable(await certificateOnly.get(await issuer.token()))
    await certificateOnly.close()
  })
})

describe('RFC 7517 §9.2: secrets in a set', () => {
  it('trusts no key whose private half is published, and the others of its set (7517-12, DISC-03)', async () => {
    const pkcs = await exportJWK(issuer.key.privateKey)
    issuer.keys = [{ ...pkcs, kid: 'key-1', alg: 'RS256', use: 'sig' }, second.jwk]
    expectRefusal(await api.get(await issuer.token()), 'invalid_token')
    expect(api.reason()).toBe('compromised_key')
    expect((await api.get(await issuer.token({}, {}, second))).status).toBe(200)
    expect(api.events).toContainEqual({
      name: 'keys.compromised',
      issuer: issuer.url,
      keyIds: ['key-1'],
    })
  })

  it('withdraws a key that had verified before, even where it is the only one (7517-12)', async () => {
    const token = await issuer.token()
    expect((await api.get(token)).status).toBe(200)
    issuer.keys = [{ ...issuer.key.jwk, d: 'AQAB' }]
    await api.get(await issuer.token({}, {}, second))
    expectRefusal(await api.get(token), 'invalid_token')
    expect(api.reason()).toBe('compromised_key')
  })

  it('never verifies by a symmetric key of a set (7517-12)', async () => {
    const k = Buffer.alloc(32, 7)
    issuer.keys = [{ kty: 'oct', kid: 'mac', alg: 'HS256', k: k.toString('base64url') }, second.jwk]
    const [, payload = ''] = (await issuer.token()).split('.')
    const input = `${encode({ alg: 'HS256', kid: 'mac' })}.${payload}`
    const mac = createHmac('sha256', k).update(input).digest('base64url')
    expectRefusal(await api.get(`${input}.${mac}`), 'invalid_token')
    expect(api.reason()).toBe('algorithm_not_allowed')
  })
})

describe('RFC 7517 §4.5: rotation', () => {
  it('finds a rotated key by one more fetch (7517-09)', async () => {
    expect((await api.get(await issuer.token())).status).toBe(200)
    expect(jwksFetches()).toBe(1)
    issuer.keys = [second.jwk]
    expect((await api.get(await issuer.token({}, {}, second))).status).toBe(200)
    expect(jwksFetches()).toBe(2)
  })

  it('is not made to fetch over and over by unknown kids (7517-09)', async () => {
    expect((await api.get(await issuer.token())).status).toBe(200)
    const tokens = await Promise.all(
      Array.from({ length: 300 }, (_, index) => issuer.token({}, { kid: `random-${index}` })),
    )
    const answers = await Promise.all(tokens.map((token) => api.get(token)))
    // 503 where the budget was spent before anybody could tell.
    expect(answers.filter(({ status }) => status !== 401 && status !== 503)).toEqual([])
    expect(jwksFetches()).toBeLessThanOrEqual(6)
    expect((await api.get(await issuer.token())).status).toBe(200)
  })

  it('stops to accept a key that was withdrawn (7517-10)', async () => {
    const quick = await startApi(issuer, { clock, keyCache: { ttlSeconds: 0.2 } })
    const token = await issuer.token()
    expect((await quick.get(token)).status).toBe(200)
    issuer.keys = [second.jwk]
    const deadline = Date.now() + 5000
    let response = await quick.get(token)
    while (response.status === 200 && Date.now() < deadline) response = await quick.get(token)
    expectRefusal(response, 'invalid_token')
    await quick.close()
  })
})
