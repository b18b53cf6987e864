import {
  redisRevocationStore,
  type RedisFactory,
  type RedisRevocationStore,
} from '../../lib/redis.js'
import { STALENESS_BOUND_MS, type Target } from './protocol.js'
import { STORE_NAMES } from './tokens.js'

/** A store of a fault run, as a worker or the revoker uses it. */
export function openStore(
  mode: 'strict' | 'replicated',
  target: Target,
  redis: RedisFactory,
  rest: { readonly follows: boolean; readonly clock?: () => number },
): RedisRevocationStore {
  const { minReplicas = 0, onEmpty = 'initialize', maxReplicaEntries } = target
  return redisRevocationStore({
    redis,
    mode: rest.follows ? mode : 'strict',
    name: STORE_NAMES[mode],
    minReplicas,
    stalenessBoundMs: STALENESS_BOUND_MS,
    clockToleranceSeconds: 0,
    advice: false,
    onEmpty,
    ...(maxReplicaEntries === undefined ? {} : { maxReplicaEntries }),
    ...(rest.clock === undefined ? {} : { clock: rest.clock }),
  })
}
