import { createHash } from 'node:crypto'
import { runInNewContext } from 'node:vm'
import { beforeAll, describe, expect, it } from '@jest/globals'
import {
  memoryRevocationStore,
  RevocationUnavailable,
  type RevocationQuery,
  type RevocationStore,
} from '../../lib/index.js'
import {
  expectRefusal,
  expectUnavailable,
  frozenClock,
  startApi,
  type TestApi,
} from '../../tools/api.js'
import { encode, forge, takeApart } from '../support/forge.js'
import { createSigningKey, type SigningKey, type TestIssuer } from '../../tools/issuer.js'
import { ecdsaTwin } from '../support/respell.js'
import { beforeSuite } from '../support/suite.js'

const clock = frozenClock()
const NOW = clock.now
const store = memoryRevocationStore({ clock, clockToleranceSeconds: 0 })
let issuer: TestIssuer
let curve: SigningKey
let api: TestApi

beforeSuite({ clock, store }, (suite) => {
  ;({ issuer, api } = suite)
})

beforeAll(async () => {
  curve = await createSigningKey('ec-1', 'ES256')
  issuer.keys.push(curve.jwk)
})

/** A denylist that answers as told and keeps what it was asked. */
function storeThat(
  check: (query: RevocationQuery) => unknown,
): RevocationStore & { asked: RevocationQuery[] } {
  const asked: RevocationQuery[] = []
  const recording = (query: RevocationQuery): never => {
    asked.push(query)
    return check(query) as never
  }
  return { ...memoryRevocationStore({ clock }), check: recording, asked }
}

describe('What names a token', () => {
  it('is the hash of what was signed where there is no jti, so that a twin is revoked as well (X-02)', async () => {
    const token = await issuer.token({ jti: undefined }, {}, curve)
    const twin = ecdsaTwin(token)
    expect(twin).not.toBe(token)
    const first = await api.get(token)
    expect(first.status).toBe(200)
    expect((await api.get(twin)).body).toEqual(first.body)
    const { tokenId } = first.body as { tokenId: string }
    const signed = token.slice(0, token.lastIndexOf('.'))
    expect(tokenId).toBe(createHash('sha256').update(signed).digest('base64url'))

    await store.revokeToken({ issuer: issuer.url, tokenId, expiresAt: NOW + 300 })
    expectRefusal(await api.get(token), 'invalid_token')
    expectRefusal(await api.get(twin), 'invalid_token')
    expect(api.reason()).toBe('revoked')
  })

  it('is not made new by spare bits in the last character (X-02)', async () => {
    const token = await issuer.token({ jti: undefined })
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const next = alphabet[alphabet.indexOf(token.at(-1)!) + 1]!
    expect((await api.get(token)).status).toBe(200)
    expectRefusal(await api.get(token.slice(0, -1) + next), 'invalid_token')
  })

  it.each([
    ['uti', 'uti', { uti: 'abc' }],
    ['origin_jti', 'origin_jti', { origin_jti: 'abc' }],
    [
      'a function',
      (claims: Readonly<Record<string, unknown>>) => String(claims['a']) + String(claims['b']),
      { a: 'ab', b: 'c' },
    ],
  ])('is what the issuer has for it: %s (X-03)', async (_name, tokenId, claims) => {
    const named = memoryRevocationStore({ clock })
    const own = await startApi(issuer, { clock, store: named, claims: { tokenId } })
    const token = await issuer.token({ jti: undefined, ...claims })
    expect((await own.get(token)).body).toMatchObject({ tokenId: 'abc' })
    await named.revokeToken({ issuer: issuer.url, tokenId: 'abc', expiresAt: NOW + 300 })
    expectRefusal(await own.get(token), 'invalid_token')
    await own.close()
  })

  it.each([undefined, null, '', 7, {}])(
    'is the hash of what was signed where the function names it %j (X-03)',
    async (named) => {
      const own = await startApi(issuer, {
        clock,
        store,
        claims: { tokenId: () => named as never },
      })
      const token = await issuer.token()
      const signed = token.slice(0, token.lastIndexOf('.'))
      const tokenId = createHash('sha256').update(signed).digest('base64url')
      expect((await own.get(token)).body).toMatchObject({ tokenId })
      await own.close()
    },
  )

  it('can be its session, its subject, its client or its issuer (X-03)', async () => {
    const marked = memoryRevocationStore({ clock, clockToleranceSeconds: 0 })
    const own = await startApi(issuer, { clock, store: marked })
    const by = async (claims: object): Promise<number> =>
      (await own.get(await issuer.token({ ...claims }))).status
    await marked.revokeSession({ issuer: issuer.url, sessionId: 's1' })
    expect([await by({ sid: 's1' }), await by({ sid: 's2' }), await by({})]).toEqual([
      401, 200, 200,
    ])
    await marked.revokeSubject({ issuer: issuer.url, subject: 'ann' })
    expect([await by({ sub: 'ann' }), await by({ sub: 'bob' })]).toEqual([401, 200])
    await marked.revokeClient({ issuer: issuer.url, clientId: 'app' })
    expect([await by({ client_id: 'app' }), await by({ client_id: 'b' })]).toEqual([401, 200])
    await marked.revokeAll({ issuer: 'https://other.test' })
    expect(await by({})).toBe(200)
    await marked.revokeAll({ issuer: issuer.url })
    expect(await by({})).toBe(401)
    await own.close()
  })
})

describe('Marks over many tokens', () => {
  it.each([
    [-1, 401],
    [0, 401],
    [1, 200],
    [undefined, 401],
  ])('judge a token issued %p s after the mark: %d (X-04)', async (offset, status) => {
    const marked = memoryRevocationStore({ clock, clockToleranceSeconds: 0 })
    const own = await startApi(issuer, { clock: () => NOW + 10, store: marked })
    const receipt = await marked.revokeSubject({ issuer: issuer.url, subject: 'ann' })
    expect(receipt.notBefore).toBe(NOW)
    const iat = offset === undefined ? undefined : NOW + offset
    expect((await own.get(await issuer.token({ sub: 'ann', iat }))).status).toBe(status)
    await own.close()
  })
})

describe('How long a revocation lasts', () => {
  it('does not keep a token that has expired anyway (X-05)', async () => {
    const own = memoryRevocationStore({ clock })
    await own.revokeToken({ issuer: issuer.url, tokenId: 'old', expiresAt: NOW - 3600 })
    expect(own.status().detail).toMatch(/^0 of/)
  })

  it('lasts until no guard, however tolerant, could accept the token (X-05)', async () => {
    const time = frozenClock(NOW)
    const own = memoryRevocationStore({ clock: time })
    const tolerant = await startApi(issuer, { clock: time, store: own, clockToleranceSeconds: 60 })
    const token = await issuer.token({ jti: 'long', exp: NOW + 300 })
    await own.revokeToken({ issuer: issuer.url, tokenId: 'long', expiresAt: NOW + 300 })
    for (const now of [NOW, NOW + 299, NOW + 300, NOW + 359, NOW + 359.9]) {
      time.now = now
      expectRefusal(await tolerant.get(token), 'invalid_token')
      expect(tolerant.reason()).toBe('revoked')
    }
    time.now = NOW + 360
    expectRefusal(await tolerant.get(token), 'invalid_token')
    expect(tolerant.reason()).toBe('expired')
    await tolerant.close()
  })
})

describe('A denylist that cannot tell', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
    ['throws what is no error', () => Promise.reject()],
    ['rejects', () => Promise.reject(new RevocationUnavailable('down'))],
    ['answers nothing', () => undefined],
    ['answers null', () => null],
    ['answers an empty object', () => ({})],
    ['answers with text', () => 'not revoked'],
    ['resolves with nothing', () => Promise.resolve()],
    ['resolves with false', () => Promise.resolve(false)],
    ['answers 0 for false', () => ({ revoked: 0 })],
    ['resolves with something else', () => Promise.resolve({ revoked: 'false' })],
  ])('refuses with 503 where it %s (X-06)', async (_name, check) => {
    const broken = storeThat(check)
    const own = await startApi(issuer, { clock, store: broken })
    expectUnavailable(await own.get(await issuer.token()))
    expect(own.reason()).toBe('revocation_unavailable')
    expect(broken.asked).toHaveLength(1)
    await own.close()
  })

  it('waits for a promise of any make, and does not take it for an answer (X-06)', async () => {
    const ForeignPromise = runInNewContext('Promise') as PromiseConstructor
    expect(ForeignPromise.resolve()).not.toBeInstanceOf(Promise)
    for (const [verdict, status] of [
      [{ revoked: true, by: 'token' }, 401],
      [{ revoked: false }, 200],
    ] as const) {
      const own = await startApi(issuer, {
        clock,
        store: storeThat(() => ForeignPromise.resolve(verdict)),
      })
      expect((await own.get(await issuer.token())).status).toBe(status)
      await own.close()
    }
  })

  it('refuses a revoked token, by whatever name the store gives (X-06)', async () => {
    const odd = storeThat(() => ({ revoked: true, by: 'astrology' }))
    const own = await startApi(issuer, { clock, store: odd })
    expectRefusal(await own.get(await issuer.token()), 'invalid_token')
    await own.close()
  })

  it('lets tokens pass only where the app says so, with an event each time (X-06)', async () => {
    const down = storeThat(() => Promise.reject(new Error('down')))
    const blocklist = { onUnavailable: 'dangerouslyAllow' } as const
    const own = await startApi(issuer, { clock, store: down, blocklist })
    expect((await own.get(await issuer.token())).status).toBe(200)
    expect(own.events.map(({ name }) => name)).toContain('revocation.bypassed')
    expectRefusal(await own.get('bad'), 'invalid_token')
    await own.close()
  })

  it('refuses with 503 where the policy itself says nothing sensible (X-06)', async () => {
    const down = storeThat(() => Promise.reject(new Error('down')))
    const blocklist = { onUnavailable: () => true as never }
    const own = await startApi(issuer, { clock, store: down, blocklist })
    expectUnavailable(await own.get(await issuer.token()))
    await own.close()
  })
})

describe('The order of checks', () => {
  it('never asks the denylist about a token that is not verified (X-07)', async () => {
    const quiet = storeThat(() => ({ revoked: false }))
    const own = await startApi(issuer, { clock, store: quiet })
    const valid = await issuer.token()
    const { header, payload } = takeApart(valid)
    const stranger = await createSigningKey('key-1')
    for (const token of [
      forge(header, payload, stranger),
      `${valid.slice(0, -40)}${'A'.repeat(40)}`,
      `${encode({ alg: 'none' })}.${encode(payload)}.AAAA`,
      forge(header, { ...payload, exp: NOW }, issuer.key),
      forge(header, { ...payload, aud: 'x' }, issuer.key),
      forge({ ...header, kid: 'x' }, payload, issuer.key),
      'a.b.c',
      'opaque',
    ]) {
      for (let index = 0; index < 20; index += 1)
        expectRefusal(await own.get(token), 'invalid_token')
    }
    expectRefusal(await own.authorized(), 'no_credential')
    expect(quiet.asked).toEqual([])
    expect((await own.get(valid)).status).toBe(200)
    expect(quiet.asked).toHaveLength(1)
    await own.close()
  })

  it('asks once a request, before scopes are judged (X-07)', async () => {
    const quiet = storeThat(() => ({ revoked: true, by: 'token' }))
    const own = await startApi(issuer, { clock, store: quiet })
    expectRefusal(await own.get(await issuer.token({ scope: 'x' })), 'invalid_token')
    expect(quiet.asked).toHaveLength(1)
    await own.close()
  })
})
