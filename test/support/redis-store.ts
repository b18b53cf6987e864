import { expect } from '@jest/globals'
import {
  redisRevocationStore,
  type RedisRevocationStore,
  type RedisRevocationStoreOptions,
} from '../../lib/redis.js'
import {
  RevocationUnavailable,
  type RevocationQuery,
  type RevocationStore,
} from '../../lib/revocation/store.js'
import { until } from '../../tools/until.js'

/** Opens stores and closes them all. */
export interface StoreHarness {
  open(options: RedisRevocationStoreOptions): RedisRevocationStore
  /** Opens one and waits until it is ready. */
  ready(options: RedisRevocationStoreOptions): Promise<RedisRevocationStore>
  close(): Promise<void>
}

/** Stores without clock tolerance that begin without a floor, unless told otherwise. */
export function storeHarness(): StoreHarness {
  const stores: RedisRevocationStore[] = []
  function open(options: RedisRevocationStoreOptions): RedisRevocationStore {
    const store = redisRevocationStore({
      onEmpty: 'initialize',
      clockToleranceSeconds: 0,
      ...options,
    })
    stores.push(store)
    return store
  }
  return {
    open,
    async ready(options) {
      const store = open(options)
      await store.ready()
      return store
    },
    async close() {
      await Promise.all(stores.splice(0).map((store) => store.close()))
    },
  }
}

export const nowSeconds = (): number => Math.floor(Date.now() / 1000)

/** Issued a minute ago, unless told otherwise. */
export function token(changes: Partial<RevocationQuery> = {}): RevocationQuery {
  return {
    issuer: 'https://id.test',
    tokenId: 'token-1',
    sessionId: 'session-1',
    subject: 'user-1',
    clientId: 'client-1',
    issuedAt: nowSeconds() - 60,
    expiresAt: nowSeconds() + 240,
    version: undefined,
    ...changes,
  }
}

/** Issued after any floor that a test can cause. */
export const freshToken = (): RevocationQuery =>
  token({ tokenId: 'fresh', issuedAt: nowSeconds() + 5, expiresAt: nowSeconds() + 100 })

/** One revocation of each kind, none of which concerns a token of these tests. */
export async function revokeStrangers(store: RevocationStore): Promise<void> {
  const issuer = 'https://strangers.test'
  await store.revokeToken({ issuer, tokenId: 'stranger', expiresAt: nowSeconds() + 240 })
  await store.revokeSession({ issuer, sessionId: 'stranger' })
  await store.revokeSubject({ issuer, subject: 'stranger' })
  await store.revokeClient({ issuer, clientId: 'stranger' })
  await store.requireTokenVersion({ issuer, subject: 'stranger' }, 1)
  await store.revokeAll({ issuer })
}

/** What a check comes to, an outage included. */
export async function outcome(
  store: RevocationStore,
  query: RevocationQuery = token(),
): Promise<string> {
  try {
    const verdict = await store.check(query)
    return verdict.revoked ? verdict.by : 'accepted'
  } catch (error) {
    if (error instanceof RevocationUnavailable) return 'unavailable'
    throw error
  }
}

export const untilOutcome = (
  store: RevocationStore,
  expected: string,
  query: RevocationQuery = token(),
): Promise<void> => until(async () => expect(await outcome(store, query)).toBe(expected))

export const untilState = (
  store: RevocationStore,
  state: string,
  detail: RegExp = /(?:)/,
): Promise<void> =>
  until(() => {
    expect(store.status()).toMatchObject({ state })
    expect(store.status().detail ?? '').toMatch(detail)
  })
