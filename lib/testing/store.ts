import type { Clock } from '../core/clock.js'
import { memoryRevocationStore } from '../revocation/memory/memory-store.js'
import { RevocationUnavailable, type RevocationStore } from '../revocation/store.js'

/** A denylist in memory that can be told to be down. */
export interface TestRevocationStore extends RevocationStore {
  /** From now on nothing can be asked or stored, until `recover()`. */
  outage(): void
  /** Ends the outage. */
  recover(): void
}

/** A denylist in memory that fails when it is told to. Each is empty at first, so that tests with one each cannot disturb each other. */
export function testRevocationStore(
  options: { readonly clock?: Clock | undefined } = {},
): TestRevocationStore {
  let down = false
  const store = memoryRevocationStore(options)
  // By whatever methods a store has: a new one must not stay up by being forgotten here.
  const failing = new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function' || name === 'close' || name === 'watch') return method
      return (...given: unknown[]): unknown =>
        down
          ? Promise.reject(new RevocationUnavailable('The test store was told to be down'))
          : Reflect.apply(method, target, given)
    },
  })
  return {
    ...failing,
    status: () => (down ? { ready: false, state: 'down' } : store.status()),
    outage() {
      down = true
    },
    recover() {
      down = false
    },
  }
}
