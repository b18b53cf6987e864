import { PATIENCE_MS } from '../../core/queue/sender.js'
import { createKeyRefresher, type KeyRefresherOptions } from './key-refresher.js'
import { matchingKeys, type KeySet } from '../key-set.js'
import { WorkDenied, type KeySource } from '../key-source.js'
import { NegativeCache } from './negative-cache.js'
import { Budget } from '../../net/budget.js'
import { createRefetches } from './refetches.js'
import type { VerificationKey } from '../jwk/verification-key.js'

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

/**
 * Finds one issuer's keys for the tokens that arrive. A known `kid` is answered at once. An unknown
 * one makes its request wait for one shared refetch, paid from a budget that a flood of forged tokens
 * can empty but not turn against a true rotation: a refetch serves everybody. While it is empty nobody
 * can tell, unless the `kid` has been looked for of late.
 */
export function createKeyManager(options: KeyManagerOptions): KeySource {
  const { timer, timeoutMs, refetchBurst } = options
  const intervalMs = options.refetchIntervalSeconds * 1000
  const rememberedMs = Math.max(60_000, intervalMs)
  const refusedKeyIds = new NegativeCache(1000, rememberedMs, timer.now)
  const refresher = createKeyRefresher(options, () => refusedKeyIds.clear())
  const budget = new Budget(refetchBurst, intervalMs, timer.now)
  const refetches = createRefetches(refresher, budget, timer)
  // Clients that go on with a withdrawn key must not delay the next rotation.
  const reserve = Math.floor(refetchBurst / 2)

  /** When a step must end: within the one deadline that the request has for all of them. */
  function deadlineOf(since: number): number {
    return Math.min(timer.now() + timeoutMs, since + Math.max(timeoutMs, PATIENCE_MS))
  }

  async function findAfterFirstFetch(keyId: string | undefined, deadlineAt: number): Promise<Keys> {
    const inFlightBefore = refresher.underWay()
    const keys = matchingKeys(await refetches.first(deadlineAt), keyId)
    const isProof = inFlightBefore === undefined && refresher.placeAsked() === undefined
    return !isProof && keys.length === 0 && keyId !== undefined
      ? findUnknown(keyId, deadlineAt)
      : keys
  }

  async function findUnknown(keyId: string, deadlineAt: number): Promise<Keys> {
    const refused = refusedKeyIds.has(keyId)
    const choose = (set: KeySet): Keys => matchingKeys(set, keyId)
    const keys = await refetches.until(choose, deadlineAt, refused ? reserve : 0)
    if (keys === undefined) {
      if (refused) return []
      throw refetches.overBudget()
    }
    if (keys.length === 0 && options.remembersRefused) refusedKeyIds.add(keyId)
    return keys
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
      const keys = await refetches.until(choose, deadlineOf(since))
      if (keys === undefined && !options.remembersRefused) throw refetches.overBudget()
      return keys ?? []
    },
    holds: (key) => refresher.usableSet()?.members.has(key) === true,
    generation: () => refresher.usableSet()?.generation ?? 0,
    async ready() {
      const set = refresher.usableSet()
      if (set === undefined) await findAfterFirstFetch(undefined, deadlineOf(Infinity))
      else matchingKeys(set, undefined)
    },
    status: () => refresher.status(),
    close() {
      refetches.close()
      refresher.close()
    },
  }
}
