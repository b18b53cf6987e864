import { describe, expect, it } from '@jest/globals'
import type { KeyCacheOptions } from '../../lib/index.js'
import { startApi, type TestApi } from '../support/api.js'
import { FAULTS } from '../support/faults.js'
import { startHostileIssuer, type HostileIssuer } from '../support/hostile-issuer.js'
import { until } from '../support/until.js'

/** Short, but a busy machine must not be taken for a silent issuer. */
const QUICK: KeyCacheOptions = { timeoutMs: 800, maxBytes: 65_536 }
/** Time to answer, whatever the issuer does, and time to heal once it is well. */
const ANSWER_MS = 3000
const HEAL_MS = 5000

interface Scene {
  readonly issuer: HostileIssuer
  readonly api: TestApi
  readonly token: string
}

async function withScene(
  keyCache: KeyCacheOptions,
  play: (scene: Scene) => Promise<void>,
): Promise<void> {
  const issuer = await startHostileIssuer()
  const api = await startApi(issuer, { keyCache, verifiedTokens: false })
  try {
    await play({ issuer, api, token: await issuer.token() })
  } finally {
    await api.close()
    await issuer.close()
  }
}

/** Sends the token, and fails where the answer takes too long or is an outage told wrongly. */
async function statusOf(api: TestApi, token: string): Promise<number> {
  const began = performance.now()
  const response = await api.get(token)
  expect(performance.now() - began).toBeLessThan(ANSWER_MS)
  if (response.status !== 503) return response.status
  expect(Number(response.headers['retry-after'])).toBeGreaterThanOrEqual(1)
  expect(response.headers['www-authenticate']).toBeUndefined()
  expect(response.body).toMatchObject({ error: 'temporarily_unavailable' })
  return 503
}

async function burst(api: TestApi, token: string): Promise<readonly number[]> {
  const statuses = await Promise.all(Array.from({ length: 10 }, () => statusOf(api, token)))
  return [...new Set(statuses)]
}

function stateOf(api: TestApi): string | undefined {
  return api.guard.status()[0]?.state
}

async function heals(api: TestApi, token: string): Promise<void> {
  await until(async () => expect((await api.get(token)).status).toBe(200), HEAL_MS)
}

describe('requireBearer, by the state of its keys and the fault of the JWKS', () => {
  it.concurrent.each(FAULTS)('cold and %s: 503, one fetch, heals', (fault) =>
    withScene(QUICK, async ({ issuer, api, token }) => {
      await issuer.jwks.misbehave(fault)
      expect(await burst(api, token)).toEqual([503])
      // Remembered: nobody asks again until the back-off is over.
      expect(await burst(api, token)).toEqual([503])
      expect(issuer.jwks.requests.length).toBeLessThanOrEqual(2)
      expect(issuer.metadata.requests.length).toBeLessThanOrEqual(2)
      await issuer.jwks.behave()
      await heals(api, token)
    }),
  )

  it.concurrent.each(FAULTS)('warm and %s: 200, an unknown kid 503, heals', (fault) =>
    withScene(QUICK, async ({ issuer, api, token }) => {
      await api.guard.ready()
      await issuer.jwks.misbehave(fault)
      issuer.rotate()
      const rotated = await issuer.token(issuer.nextKey)
      expect(await Promise.all([burst(api, token), burst(api, rotated)])).toEqual([[200], [503]])
      expect(issuer.jwks.requests.length).toBeLessThanOrEqual(1 + 2)
      await issuer.jwks.behave()
      await heals(api, rotated)
      expect(await statusOf(api, token)).toBe(200)
    }),
  )

  it.concurrent.each(FAULTS)('stale and %s: 200, heals in the background', (fault) =>
    withScene({ ...QUICK, ttlSeconds: 0.2 }, async ({ issuer, api, token }) => {
      await api.guard.ready()
      await issuer.jwks.misbehave(fault)
      await until(() => expect(stateOf(api)).toBe('stale'))
      const before = issuer.jwks.requests.length
      expect(await burst(api, token)).toEqual([200])
      // Requests cause none; the background may have tried meanwhile.
      expect(issuer.jwks.requests.length).toBeLessThanOrEqual(before + 1)
      await issuer.jwks.behave()
      await until(() => expect(stateOf(api)).toBe('fresh'), HEAL_MS)
    }),
  )

  it.concurrent.each(FAULTS)('dead and %s: 503, heals', (fault) =>
    withScene(
      { ...QUICK, ttlSeconds: 0.2, maxStaleSeconds: 0.1 },
      async ({ issuer, api, token }) => {
        await api.guard.ready()
        await issuer.jwks.misbehave(fault)
        await until(() => expect(stateOf(api)).toBe('dead'))
        const before = issuer.jwks.requests.length
        expect(await burst(api, token)).toEqual([503])
        expect(issuer.jwks.requests.length).toBeLessThanOrEqual(before + 2)
        await issuer.jwks.behave()
        await heals(api, token)
      },
    ),
  )
})

describe('requireBearer, by the fault of the metadata', () => {
  it.concurrent.each(FAULTS)('cold and %s: 503, each form asked once, heals', (fault) =>
    withScene(QUICK, async ({ issuer, api, token }) => {
      await issuer.metadata.misbehave(fault)
      expect(await burst(api, token)).toEqual([503])
      expect(await burst(api, token)).toEqual([503])
      expect(issuer.metadata.requests.length).toBeLessThanOrEqual(4)
      expect(issuer.jwks.requests).toEqual([])
      await issuer.metadata.behave()
      await heals(api, token)
    }),
  )

  it.concurrent.each(FAULTS)('warm and %s: nothing is amiss, not even for a rotation', (fault) =>
    withScene(QUICK, async ({ issuer, api, token }) => {
      await api.guard.ready()
      await issuer.metadata.misbehave(fault)
      issuer.rotate()
      expect(await burst(api, token)).toEqual([200])
      expect(await burst(api, await issuer.token(issuer.nextKey))).toEqual([200])
    }),
  )

  it.concurrent.each(FAULTS)('both bad, by %s: 200 warm, heals', (fault) =>
    withScene({ ...QUICK, ttlSeconds: 0.2 }, async ({ issuer, api, token }) => {
      await api.guard.ready()
      await issuer.metadata.misbehave(fault)
      await issuer.jwks.misbehave(fault)
      await until(() => expect(stateOf(api)).toBe('stale'))
      const before = issuer.jwks.requests.length
      expect(await burst(api, token)).toEqual([200])
      // Requests cause none; the background may have tried meanwhile.
      expect(issuer.jwks.requests.length).toBeLessThanOrEqual(before + 1)
      await issuer.metadata.behave()
      await issuer.jwks.behave()
      await until(() => expect(stateOf(api)).toBe('fresh'), HEAL_MS)
    }),
  )
})

describe('requireBearer, with the default deadline', () => {
  it('asks a well issuer once for each document, however many requests come at once (DISC-06)', () =>
    withScene({}, async ({ issuer, api, token }) => {
      const answers = await Promise.all(Array.from({ length: 500 }, () => statusOf(api, token)))
      expect(new Set(answers)).toEqual(new Set([200]))
      expect(issuer.metadata.requests).toEqual(['/.well-known/oauth-authorization-server'])
      expect(issuer.jwks.requests).toEqual(['/jwks'])
    }))

  it('answers 503 within 3 seconds while the issuer is silent', () =>
    withScene({}, async ({ issuer, api, token }) => {
      await issuer.jwks.misbehave('silence')
      const began = performance.now()
      expect(await burst(api, token)).toEqual([503])
      expect(performance.now() - began).toBeGreaterThan(2000)
    }))
})
