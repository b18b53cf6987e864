import { withDeadline } from '../../../core/deadline.js'
import { createWaiters } from '../../../redis/asking/waiters.js'
import type { RevocationUnavailable } from '../../store.js'
import type { Settings } from '../schema/options.js'
import { unavailable as newUnavailable } from '../schema/unavailable.js'
import {
  AT_FIRST,
  isFinal,
  isNews,
  next,
  type Condition,
  type Happening,
  type HealthState,
} from './transitions.js'

/** Where a store stands: happenings go in, listeners are told, and those who wait are woken. */
export interface ConditionKeeper {
  /** `stale` included, unlike what is stored. */
  readonly state: HealthState
  readonly detail: string | undefined
  take(happening: Happening): void
  /** A beat sent then has proven the data. */
  provenAsOf(sentAt: number): void
  unavailable(): RevocationUnavailable
  ready(): Promise<void>
  /** As `ready`, but no later than the start deadline, and then at once. */
  started(): Promise<void>
}

/** From the construction of a store on. */
const START_DEADLINE_MS = 2000

export function createCondition(
  { timer, stalenessBoundMs, onDataLoss }: Settings,
  onState: (state: HealthState, detail: string | undefined) => void,
): ConditionKeeper {
  const waiters = createWaiters()
  const startedAt = timer.now()
  let now: Condition = AT_FIRST
  let told: Condition | undefined
  let freshAsOf = Number.NEGATIVE_INFINITY

  function take(happening: Happening): void {
    const before = now
    now = next(before, happening)
    if (now === before) return
    if (isNews(told, now)) {
      told = now
      onState(now.state, now.detail)
    }
    if (now.state === 'ready') waiters.resolve()
    if (isFinal(now.state, onDataLoss)) waiters.reject(unavailable())
  }

  function currentState(): HealthState {
    return now.state === 'ready' && timer.now() - freshAsOf > stalenessBoundMs ? 'stale' : now.state
  }

  function unavailable(): RevocationUnavailable {
    const why = now.detail === undefined ? '' : `: ${now.detail}`
    return newUnavailable(`The revocation store is ${currentState()}${why}`, now.cause)
  }

  function ready(): Promise<void> {
    if (now.state === 'ready') return Promise.resolve()
    return isFinal(now.state, onDataLoss) ? Promise.reject(unavailable()) : waiters.wait()
  }

  return {
    get state() {
      return currentState()
    },
    get detail() {
      return now.detail
    },
    take,
    provenAsOf(sentAt) {
      freshAsOf = sentAt
    },
    unavailable,
    ready,
    async started() {
      const left = startedAt + START_DEADLINE_MS - timer.now()
      if (left <= 0) throw unavailable()
      await withDeadline(ready(), left, timer).catch(() => {
        throw unavailable()
      })
    },
  }
}
