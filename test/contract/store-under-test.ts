import { afterEach, beforeEach } from '@jest/globals'
import type { LifetimeOptions } from '../../lib/revocation/lifetimes.js'
import type {
  RevocationQuery,
  RevocationStore,
  RevocationVerdict,
} from '../../lib/revocation/store.js'

export interface StoreUnderTest {
  readonly store: RevocationStore
  /** Ends whatever the store needed. */
  end(): Promise<void>
}

/** Opens an empty store without a floor. */
export type OpenStore = (
  options: LifetimeOptions & { readonly clock: () => number },
) => Promise<StoreUnderTest>

export const ISSUER = 'https://id.test'
export const OTHER_ISSUER = 'https://other.test'

/** A new store for each test, and the time by its clock. */
export interface ItsStore {
  readonly store: RevocationStore
  now: number
  readonly token: (changes?: Partial<RevocationQuery>) => RevocationQuery
  readonly verdict: (changes?: Partial<RevocationQuery>) => Promise<RevocationVerdict>
}

export function storeUnderTest(open: OpenStore): ItsStore {
  let opened: StoreUnderTest
  let store: RevocationStore
  let now: number

  const token = (changes: Partial<RevocationQuery> = {}): RevocationQuery => ({
    issuer: ISSUER,
    tokenId: 'token-1',
    sessionId: 'session-1',
    subject: 'user-1',
    clientId: 'client-1',
    issuedAt: now - 60,
    expiresAt: now + 240,
    version: undefined,
    ...changes,
  })
  const verdict = async (changes: Partial<RevocationQuery> = {}): Promise<RevocationVerdict> =>
    store.check(token(changes))

  beforeEach(async () => {
    now = Math.floor(Date.now() / 1000)
    opened = await open({
      clock: () => now,
      clockToleranceSeconds: 0,
      maxTokenLifetimeSeconds: 3600,
      sessionLifetimeSeconds: 7200,
    })
    store = opened.store
  })
  afterEach(async () => {
    await store.close()
    await opened.end()
  })

  return {
    get store() {
      return store
    },
    get now() {
      return now
    },
    set now(next) {
      now = next
    },
    token,
    verdict,
  }
}
