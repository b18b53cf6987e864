import type { Health } from '../../lib/revocation/redis/health/health.js'
import { RevocationUnavailable } from '../../lib/revocation/store.js'

/** A test says by it how the data stand; each part can be set. */
export type GivenHealth = { -readonly [Part in keyof Health]: Health[Part] } & {
  /** How often somebody asked for a beat. */
  beats: number
}

/** Ready, and asked by nobody yet. */
export function givenHealth(): GivenHealth {
  const health: GivenHealth = {
    beats: 0,
    client: undefined,
    position: undefined,
    state: 'ready',
    detail: undefined,
    isFresh: () => health.state === 'ready',
    async beat() {
      health.beats += 1
    },
    examine: () => undefined,
    advance: () => undefined,
    acceptDataLoss: async () => undefined,
    unavailable: () => new RevocationUnavailable('in doubt'),
    ready: async () => undefined,
    started: async () => undefined,
    close: () => undefined,
  }
  return health
}
