import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'

import { exportJWK, importJWK, type CryptoKey } from 'jose'
import { startApi, type TestApi } from '../../../tools/api.js'
import {
  createSigningKey,
  startIssuer,
  type SigningKey,
  type TestIssuer,
} from '../../../tools/issuer.js'

let issuer: TestIssuer
let api: TestApi

beforeEach(async () => {
  issuer = await startIssuer()
  api = await startApi(issuer)
})

afterEach(async () => {
  await api.close()
  await issuer.close()
})

const fetches = (): number => issuer.requests.filter((path) => path === '/jwks').length

/** The issuer's RSA key, made to sign by another algorithm. */
async function by(alg: string): Promise<SigningKey> {
  const privateKey = (await importJWK(await exportJWK(issuer.key.privateKey), alg)) as CryptoKey
  return { ...issuer.key, alg, privateKey }
}

async function statusOf(key: SigningKey, header = {}): Promise<number> {
  return (await api.get(await issuer.token({}, header, key))).status
}

describe('a key without "alg"', () => {
  beforeEach(() => {
    const { alg: _alg, ...jwk } = issuer.key.jwk
    issuer.keys = [jwk]
  })

  it('follows its issuer to another algorithm, by one refetch', async () => {
    expect(await statusOf(await by('PS256'))).toBe(200)
    expect(await statusOf(await by('PS256'))).toBe(200)
    expect(fetches()).toBe(1)
    expect(await statusOf(await by('RS256'))).toBe(200)
    expect(fetches()).toBe(2)
  })

  it('is for one algorithm between two fetches, and the refusal says why', async () => {
    await api.close()
    api = await startApi(issuer, { keyCache: { refetchBurst: 1 } })
    const [pss, pkcs] = [await by('PS256'), await by('RS256')]
    expect([await statusOf(pss), await statusOf(pkcs), await statusOf(pss)]).toEqual([
      200, 200, 401,
    ])
    expect(api.reason()).toBe('key_mismatch')
    expect(JSON.stringify(api.events.at(-1))).toMatch(/pinned to RS256.*say the .*alg/)
    expect(fetches()).toBe(2)
  })

  it('costs no more than the budget where tokens by the other algorithm are forged', async () => {
    const forger = { ...(await createSigningKey('key-1', 'RS256')) }
    expect(await statusOf(await by('PS256'))).toBe(200)
    for (let turn = 0; turn < 10; turn += 1) expect(await statusOf(forger)).toBe(401)
    expect(fetches()).toBeLessThanOrEqual(1 + 5)
    expect(await statusOf(await by('PS256'))).toBe(200)
  })
})

describe('a set of more than eight keys', () => {
  let keys: readonly SigningKey[]

  beforeEach(async () => {
    keys = await Promise.all(
      Array.from({ length: 10 }, (_, index) => createSigningKey(`key-${index}`, 'ES256')),
    )
    issuer.keys = keys.map(({ jwk: { kid: _kid, ...jwk } }) => jwk)
  })

  it('verifies tokens without "kid" by each of them, within the budget', async () => {
    for (const key of keys) expect(await statusOf(key, { kid: undefined })).toBe(200)
    expect(fetches()).toBeLessThanOrEqual(1 + 5)
  })

  it('verifies them without a refetch by the keys that verified last', async () => {
    for (const key of keys.slice(7)) expect(await statusOf(key, { kid: undefined })).toBe(200)
    const before = fetches()
    for (const key of keys.slice(7)) expect(await statusOf(key, { kid: undefined })).toBe(200)
    expect(fetches()).toBe(before)
  })

  it('verifies tokens by each of them where the app itself gave the set', async () => {
    const guard = { jwks: { keys: issuer.keys } }
    await api.close()
    api = await startApi(issuer, guard)
    for (const key of keys) expect(await statusOf(key, { kid: undefined })).toBe(200)
    const forger = await createSigningKey('forger', 'ES256')
    expect(await statusOf(forger, { kid: undefined })).toBe(401)
  })

  it('is told in the status', async () => {
    await api.guard.ready()
    expect(api.guard.status()[0]).toMatchObject({ keysBeyondTries: 2 })
  })
})

describe('a key that a stranger named before it was published', () => {
  it('verifies as soon as it is, and its tokens are never refused from memory', async () => {
    const next = await createSigningKey('2026-12')
    const forger = await createSigningKey('2026-12')
    expect(await statusOf(issuer.key)).toBe(200)
    expect(await statusOf(forger)).toBe(401)
    expect(api.reason()).toBe('unknown_key')
    issuer.keys = [next.jwk]
    expect(await statusOf(next)).toBe(200)
  })

  it('is "unavailable" and not "unknown" to whoever asks when the budget is spent', async () => {
    const strangers = await Promise.all(
      Array.from({ length: 5 }, (_, index) => createSigningKey(`stranger-${index}`)),
    )
    await api.guard.ready()
    for (const stranger of strangers) expect(await statusOf(stranger)).toBe(401)
    const next = await createSigningKey('2026-12')
    issuer.keys = [issuer.key.jwk, next.jwk]
    const response = await api.get(await issuer.token({}, {}, next))
    expect(response.status).toBe(503)
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(20)
    expect(api.reason()).toBe('unknown_key')
    // A refetch has proven that there is no such key: that is known, and no outage.
    expect(await statusOf(strangers[0]!)).toBe(401)
  })
})

describe('a guard that is closed', () => {
  it('verifies nothing any more by keys that nobody refreshes', async () => {
    const token = await issuer.token()
    expect((await api.get(token)).status).toBe(200)
    api.guard.close()
    expect((await api.get(token)).status).toBe(503)
    expect(api.reason()).toBe('keys_unavailable')
    expect((await api.get(await issuer.token())).status).toBe(503)
    expect(fetches()).toBe(1)
  })
})
