import { setTimeout as wait } from 'node:timers/promises'
import type { Scenario } from '../run.js'
import { fillWithRevocations } from './fill.js'
import { standalone } from './standalone.js'

const MANY = 500_000
const VERY_MANY = 10_000_000

function withRevocations(count: number): Pick<Scenario, 'name' | 'naive' | 'prepare'> {
  return {
    name: `${count.toLocaleString('en')} revocations are loaded meanwhile`,
    naive: 'either',
    prepare: standalone((_stage, field) => field.caughtUp(), {
      prepare: (redis, admin) => fillWithRevocations(admin, redis.port, count),
      target: { maxReplicaEntries: 2 * count },
    }),
  }
}

/** Redis is well, and the API processes are not. */
export const PROCESS_SCENARIOS: readonly Scenario[] = [
  {
    name: 'event loops of the API processes stand still for 2 s',
    naive: 'either',
    prepare: standalone(async (_stage, field) => {
      field.order({ stallMs: 2000 })
      await wait(2000)
    }),
    recoveryMs: 2000,
  },
  {
    name: 'API processes collect garbage all the time, 3 s',
    naive: 'either',
    prepare: standalone(async (_stage, field) => {
      field.order({ garbageMs: 3000 })
      await wait(3000)
    }),
    recoveryMs: 2000,
  },
  { ...withRevocations(MANY), recoveryMs: 2000 },
  { ...withRevocations(VERY_MANY), large: true, recoveryMs: 5000 },
]
