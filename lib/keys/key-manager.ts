import { PATIENCE_MS } from '../core/sender.js'
import { createKeyRefresher, type KeyRefresherOptions } from './key-refresher.js'
import { matchingKeys, type KeySet } from './key-set.js'
import { KeysUnavailable, RefetchDenied, type KeySource } from './key-source.js'
import { NegativeCache } from './negative-cache.js'
import { TokenBucket } from './token-bucket.js'
import type { VerificationKey } from './verification-key.js'

export interface KeyManagerOptions extends KeyRefresherOptions {
  /** Refetches for unknown kids that may happen at once. */
  readonly refetchBurst: number
  readonly refetchIntervalSeconds: number
}

type Keys = readonly VerificationKey[]

/**
 * Finds one issuer's keys for the tokens that arrive. A known `kid` is answered at once. An unknown
 * one makes its request wait for one shared refetch, paid from a budget that a flood of forged tokens
 * can empty but not turn against a true rotation: whoever spends the budget fetches for everybody.
 */
export function createKeyManager(options: KeyManagerOptions): KeySource {
  const { timer, timeoutMs } = options
  const refusedKeyIds = new NegativeCache(1000, 60_000, timer.now)
  const refresher = createKeyRefresher(options, () => refusedKeyIds.clear())
  const refetchIntervalMs = options.refetchIntervalSeconds * 1000
  const budget = new TokenBucket(options.refetchBurst, refetchIntervalMs, timer.now)
  let closed = false

  function unavailable(): KeysUnavailable {
    const failure = refresher.failure()
    const waitMs = failure === undefined ? 0 : failure.askAgainAt - timer.now()
    const seconds = Math.max(1, Math.ceil(waitMs / 1000))
    return new KeysUnavailable(failure?.message ?? 'The keys are not there yet', seconds)
  }

  /** Waits for a refresh, but no longer than the deadline that the request began with. */
  function settled(refreshing: Promise<void>, deadlineAt: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = timer.after(Math.max(0, deadlineAt - timer.now()), () => reject(unavailable()))
      void refreshing.then(() => {
        cancel()
        resolve()
      })
    })
  }

  function backingOff(): boolean {
    const failure = refresher.failure()
    return failure !== undefined && timer.now() < failure.askAgainAt
  }

  /** Of a step, within the one deadline that the request has for all of them. */
  function deadlineOf(since: number): number {
    return Math.min(timer.now() + timeoutMs, since + Math.max(timeoutMs, PATIENCE_MS))
  }

  async function findAfterFirstFetch(keyId: string | undefined, deadlineAt: number): Promise<Keys> {
    const tooEarly = refresher.underWay()
    if (tooEarly === undefined && backingOff()) throw unavailable()
    await settled(refresher.refresh().done, deadlineAt)
    const set = refresher.usableSet()
    if (set === undefined) throw unavailable()
    const keys = matchingKeys(set, keyId)
    return tooEarly !== undefined && keys.length === 0 && keyId !== undefined
      ? findUnknown(keyId, deadlineAt)
      : keys
  }

  /** Whether an unknown key may cost a refetch now. Throws in an outage: then nobody can tell. */
  function mayRefetch(): boolean {
    if (backingOff()) throw unavailable()
    if (budget.take()) return true
    if (refresher.failure() !== undefined) throw unavailable()
    return false
  }

  async function findUnknown(keyId: string, deadlineAt: number): Promise<Keys> {
    const { keys, proven } = await findByRefetch((set) => matchingKeys(set, keyId), deadlineAt)
    if (keys.length === 0 && proven) refusedKeyIds.add(keyId)
    return keys
  }

  /** Refetches, within the budget, until `choose` finds a key or is proven to find none. */
  async function findByRefetch(
    choose: (set: KeySet) => Keys,
    deadlineAt: number,
  ): Promise<{ readonly keys: Keys; readonly proven: boolean }> {
    // A refresh already under way may have been answered before this key was published: where it
    // does not bring the key, only one that begins after this request is proof.
    const tooEarly = refresher.underWay()
    for (;;) {
      if (refresher.underWay() === undefined && !mayRefetch()) return { keys: [], proven: false }
      const { number, done } = refresher.refresh()
      await settled(done, deadlineAt)
      const set = refresher.usableSet()
      if (refresher.failure() !== undefined || set === undefined) throw unavailable()
      const keys = choose(set)
      if (keys.length > 0 || number !== tooEarly) return { keys, proven: true }
    }
  }

  return {
    find(keyId, refetchAllowed = true, since = Infinity) {
      const set = refresher.usableSet()
      if (set === undefined) return findAfterFirstFetch(keyId, deadlineOf(since))
      const keys = matchingKeys(set, keyId)
      if (keys.length > 0 || keyId === undefined || refusedKeyIds.has(keyId)) return keys
      if (!refetchAllowed) throw new RefetchDenied()
      return findUnknown(keyId, deadlineOf(since))
    },
    async findOthers(than, refetchAllowed = true, since = Infinity) {
      if (!refetchAllowed) throw new RefetchDenied()
      const choose = (set: KeySet): Keys => set.keys.filter((key) => !than.includes(key))
      return (await findByRefetch(choose, deadlineOf(since))).keys
    },
    holds: (key) => !closed && refresher.usableSet()?.keys.includes(key) === true,
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
