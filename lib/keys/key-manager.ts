import type { Timer } from '../core/clock.js'
import { PATIENCE_MS } from '../core/queue/sender.js'
import { createKeyRefresher, type KeyRefresherOptions } from './key-refresher.js'
import { matchingKeys, type KeySet } from './key-set.js'
import { KeysUnavailable, RefetchOverBudget, WorkDenied, type KeySource } from './key-source.js'
import { NegativeCache } from './negative-cache.js'
import { TokenBucket } from '../net/budget.js'
import type { VerificationKey } from './verification-key.js'

export interface KeyManagerOptions extends KeyRefresherOptions {
  /** Refetches for unknown kids that may happen at once. */
  readonly refetchBurst: number
  readonly refetchIntervalSeconds: number
  /**
   * Whether a key that one refetch did not bring may be refused while the budget for another is spent.
   * Not where a refusal is final for the caller, as for logout tokens: there it is unavailable.
   */
  readonly remembersRefused: boolean
}

type Keys = readonly VerificationKey[]

/** At most, because a set is refreshed by itself as well. */
const MAX_RETRY_AFTER_SECONDS = 60

/**
 * Finds one issuer's keys for the tokens that arrive. A known `kid` is answered at once. An unknown
 * one makes its request wait for one shared refetch, paid from a budget that a flood of forged tokens
 * can empty but not turn against a true rotation: whoever spends the budget fetches for everybody.
 * While it is empty nobody can tell, unless the `kid` has been looked for of late.
 */
export function createKeyManager(options: KeyManagerOptions): KeySource {
  const { timer, timeoutMs } = options
  const refetchIntervalMs = options.refetchIntervalSeconds * 1000
  const rememberedMs = Math.max(60_000, refetchIntervalMs)
  const refusedKeyIds = new NegativeCache(1000, rememberedMs, timer.now)
  const refresher = createKeyRefresher(options, () => refusedKeyIds.clear())
  const budget = new TokenBucket(options.refetchBurst, refetchIntervalMs, timer.now)
  // Whoever goes on with a withdrawn key shall not delay the next rotation.
  const reserve = Math.floor(options.refetchBurst / 2)
  let closed = false

  function unavailable(): KeysUnavailable {
    if (closed) return new KeysUnavailable('The keys are closed, and fetched no more', 1)
    const failure = refresher.failure()
    const waitMs = failure === undefined ? 0 : failure.askAgainAt - timer.now()
    const seconds = Math.max(1, Math.ceil(waitMs / 1000))
    return new KeysUnavailable(failure?.message ?? 'The keys are not there yet', seconds)
  }

  /** Waits for a refresh, but no longer than the deadline that the request began with. */
  async function settled(refreshing: Promise<void>, deadlineAt: number): Promise<void> {
    if (!(await isOverBy(deadlineAt, refreshing, timer))) throw unavailable()
  }

  function mayNotFetch(): boolean {
    if (closed) return true
    const failure = refresher.failure()
    return failure !== undefined && timer.now() < failure.askAgainAt
  }

  /** Of a step, within the one deadline that the request has for all of them. */
  function deadlineOf(since: number): number {
    return Math.min(timer.now() + timeoutMs, since + Math.max(timeoutMs, PATIENCE_MS))
  }

  async function findAfterFirstFetch(keyId: string | undefined, deadlineAt: number): Promise<Keys> {
    const tooEarly = refresher.underWay()
    if (tooEarly === undefined && mayNotFetch()) throw unavailable()
    await settled(refresher.refresh().done, deadlineAt)
    const set = refresher.usableSet()
    if (set === undefined) throw unavailable()
    const keys = matchingKeys(set, keyId)
    return tooEarly !== undefined && keys.length === 0 && keyId !== undefined
      ? findUnknown(keyId, deadlineAt)
      : keys
  }

  /** Pays for a refetch out of the budget. Throws in an outage: then nobody can tell. */
  function spend(leaving: number): boolean {
    if (mayNotFetch()) throw unavailable()
    if (budget.take(leaving)) return true
    if (refresher.failure() !== undefined) throw unavailable()
    return false
  }

  async function findUnknown(keyId: string, deadlineAt: number): Promise<Keys> {
    const refused = refusedKeyIds.has(keyId)
    const keys = await findByRefetch(
      (set) => matchingKeys(set, keyId),
      deadlineAt,
      refused ? reserve : 0,
    )
    if (keys === undefined) {
      if (refused) return []
      throw overBudget(budget)
    }
    if (keys.length === 0 && options.remembersRefused) refusedKeyIds.add(keyId)
    return keys
  }

  /** Refetches until `choose` finds a key or is proven to find none; undefined where that is over budget. */
  async function findByRefetch(
    choose: (set: KeySet) => Keys,
    deadlineAt: number,
    leaving = 0,
  ): Promise<Keys | undefined> {
    // A refresh already under way may have been answered before this key was published: where it
    // does not bring the key, only one that begins after this request is proof.
    const tooEarly = refresher.underWay()
    for (;;) {
      if (refresher.underWay() === undefined && !spend(leaving)) return undefined
      const { number, done } = refresher.refresh()
      await settled(done, deadlineAt)
      const set = refresher.usableSet()
      if (refresher.failure() !== undefined || set === undefined) throw unavailable()
      const keys = choose(set)
      if (keys.length > 0 || number !== tooEarly) return keys
    }
  }

  return {
    find(keyId, throttled = false, since = Infinity) {
      const set = refresher.usableSet()
      if (set === undefined) return findAfterFirstFetch(keyId, deadlineOf(since))
      const keys = matchingKeys(set, keyId)
      if (keys.length > 0 || keyId === undefined) return keys
      if (!throttled) return findUnknown(keyId, deadlineOf(since))
      if (refusedKeyIds.has(keyId)) return keys
      throw new WorkDenied()
    },
    async refetch(fits, throttled = false, since = Infinity) {
      if (throttled) throw new WorkDenied()
      const choose = (set: KeySet): Keys => set.keys.filter(fits)
      const keys = await findByRefetch(choose, deadlineOf(since))
      if (keys === undefined && !options.remembersRefused) throw overBudget(budget)
      return keys ?? []
    },
    holds: (key) => refresher.usableSet()?.keys.includes(key) === true,
    generation: () => refresher.usableSet()?.generation ?? 0,
    async ready() {
      if (refresher.usableSet() === undefined)
        await findAfterFirstFetch(undefined, deadlineOf(Infinity))
    },
    status: () => refresher.status(),
    close() {
      closed = true
      refresher.close()
    },
  }
}

/** Whether `running`, which never rejects, is over before the deadline. */
function isOverBy(deadlineAt: number, running: Promise<void>, timer: Timer): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = timer.after(Math.max(0, deadlineAt - timer.now()), () => resolve(false))
    void running.then(() => {
      cancel()
      resolve(true)
    })
  })
}

function overBudget(budget: TokenBucket): RefetchOverBudget {
  const seconds = Math.max(1, Math.ceil(budget.waitMs() / 1000))
  return new RefetchOverBudget(Math.min(seconds, MAX_RETRY_AFTER_SECONDS))
}
