import type { JWK } from 'jose'
import type { AuthEvent } from '../../lib/index.js'
import { createKeyManager, type KeyManagerOptions } from '../../lib/keys/manager/key-manager.js'
import { KeysUnavailable, type KeySource } from '../../lib/keys/key-source.js'
import { fakeFetcher, type FakeFetcher } from './fake-fetcher.js'
import { createSigningKey } from '../../tools/issuer.js'
import { manualTimer, type ManualTimer } from './manual-timer.js'

export const SECOND: number = 1000
export const MINUTE: number = 60 * SECOND
export const HOUR: number = 60 * MINUTE

/** A key manager with the default options, an issuer to order, and time that stands still. */
export interface ManagedKeys {
  readonly timer: ManualTimer
  readonly issuer: FakeFetcher
  readonly manager: KeySource
  /** What `find` answers: the number of keys, or how it fails. */
  found(keyId: string | undefined): Promise<number | string>
  events(name: AuthEvent['name']): readonly AuthEvent[]
}

let jwk: JWK | undefined

export async function manageKeys(options: Partial<KeyManagerOptions> = {}): Promise<ManagedKeys> {
  jwk ??= (await createSigningKey('any', 'ES256')).jwk
  const timer = manualTimer()
  const issuer = fakeFetcher(jwk, { keyIds: ['a'] })
  const events: AuthEvent[] = []
  const manager = createKeyManager({
    issuer: 'https://id.test',
    fetcher: issuer,
    timer,
    emit: (event) => events.push(event),
    ttlSeconds: undefined,
    maxStaleSeconds: 3600,
    refetchBurst: 5,
    refetchIntervalSeconds: 30,
    timeoutMs: 2500,
    remembersRefused: true,
    ...options,
  })
  return {
    timer,
    issuer,
    manager,
    async found(keyId) {
      try {
        return (await manager.find(keyId)).length
      } catch (error) {
        if (!(error instanceof KeysUnavailable)) throw error
        return `unavailable, retry after ${error.retryAfterSeconds}`
      }
    },
    events: (name) => events.filter((event) => event.name === name),
  }
}
