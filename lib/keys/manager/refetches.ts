import type { Timer } from '../../core/clock.js'
import type { Budget } from '../../net/budget.js'
import type { KeyRefresher } from './key-refresher.js'
import type { KeySet } from '../key-set.js'
import { KeysUnavailable, RefetchOverBudget } from '../key-source.js'
import type { VerificationKey } from '../jwk/verification-key.js'
import type { Place } from '../documents/metadata-place.js'

type Keys = readonly VerificationKey[]

/** Fetches that requests wait for, each no longer than until its deadline. */
export interface Refetches {
  /** Joins the fetch under way, or begins one. Rejects with KeysUnavailable. */
  first(deadlineAt: number): Promise<KeySet>
  /**
   * Refetches until `choose` finds a key or is proven to find none; undefined where that is over budget,
   * less what `leaving` keeps. Rejects with KeysUnavailable in an outage: then nobody can tell.
   */
  until(
    choose: (set: KeySet) => Keys,
    deadlineAt: number,
    leaving?: number,
  ): Promise<Keys | undefined>
  overBudget(): RefetchOverBudget
  /** From now on nothing is fetched. */
  close(): void
}

/** At most, because a set is refreshed by itself as well. */
const MAX_RETRY_AFTER_SECONDS = 60

export function createRefetches(refresher: KeyRefresher, budget: Budget, timer: Timer): Refetches {
  let closed = false

  function unavailable(): KeysUnavailable {
    if (closed) return new KeysUnavailable('The keys are closed, and fetched no more', 1)
    const failure = refresher.failure()
    const waitMs = failure === undefined ? 0 : failure.askAgainAt - timer.now()
    const seconds = Math.max(1, Math.ceil(waitMs / 1000))
    return new KeysUnavailable(failure?.message ?? 'The keys are not there yet', seconds)
  }

  async function settled(refreshing: Promise<void>, deadlineAt: number): Promise<void> {
    const over = refreshing.then(() => true)
    if ((await resultBy(deadlineAt, over, timer)) === undefined) throw unavailable()
  }

  async function placeOf(asking: Promise<Place>, deadlineAt: number): Promise<Place> {
    const place = (await resultBy(deadlineAt, asking, timer)) ?? 'silent'
    if (place !== 'silent') return place
    throw new KeysUnavailable('The metadata are silent, and the key may be where they say', 1)
  }

  function mayNotFetch(): boolean {
    if (closed) return true
    const failure = refresher.failure()
    return failure !== undefined && timer.now() < failure.askAgainAt
  }

  /** Whether the budget had one more, which is then spent. */
  function spendOne(leaving: number): boolean {
    if (mayNotFetch()) throw unavailable()
    if (budget.take(leaving)) return true
    if (refresher.failure() !== undefined) throw unavailable()
    return false
  }

  return {
    async first(deadlineAt) {
      if (refresher.underWay() === undefined && mayNotFetch()) throw unavailable()
      await settled(refresher.refresh().done, deadlineAt)
      const set = refresher.usableSet()
      if (set === undefined) throw unavailable()
      return set
    },
    async until(choose, deadlineAt, leaving = 0) {
      // A refresh already under way may have been answered before this key was published: where it
      // does not bring the key, only one that begins after this request is proof.
      const inFlightBefore = refresher.underWay()
      for (;;) {
        if (refresher.underWay() === undefined && !spendOne(leaving)) return undefined
        const { number, done } = refresher.refresh()
        await settled(done, deadlineAt)
        const set = refresher.usableSet()
        if (refresher.failure() !== undefined || set === undefined) throw unavailable()
        const keys = choose(set)
        if (keys.length > 0) return keys
        // No key is unknown before the metadata have told whether it is to be looked for elsewhere.
        const asking = refresher.placeAsked()
        if (asking !== undefined && (await placeOf(asking, deadlineAt)) === 'moved') continue
        if (number !== inFlightBefore) return keys
      }
    },
    overBudget() {
      const seconds = Math.max(1, Math.ceil(budget.waitMs() / 1000))
      return new RefetchOverBudget(Math.min(seconds, MAX_RETRY_AFTER_SECONDS))
    },
    close() {
      closed = true
    },
  }
}

/** What `running`, which never rejects, comes to; undefined where it is not over by the deadline. */
function resultBy<T>(
  deadlineAt: number,
  running: Promise<T>,
  timer: Timer,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const cancel = timer.after(Math.max(0, deadlineAt - timer.now()), () => resolve(undefined))
    void running.then((result) => {
      cancel()
      resolve(result)
    })
  })
}
