import { systemTimer, type Timer } from '../core/clock.js'
import { optionCheck } from '../core/options/option-check.js'
import { ReplayUnavailable, type ReplayStore } from './store.js'

export interface MemoryReplayStoreOptions {
  /** Proofs remembered at once. Where that many are live, further ones are 503. @default 100,000 */
  readonly maxEntries?: number | undefined
  /** Of these, proofs of one key, so that no client fills the store alone. @default a tenth of `maxEntries` */
  readonly maxPerKey?: number | undefined
}

/**
 * Used proofs in the memory of this process, about 270 bytes each. It knows nothing of other processes:
 * a proof that was used at one can be used again at each of the others. Behind several, use
 * `redisReplayStore`.
 *
 * @throws TypeError at construction, for an unknown or bad option.
 */
export function memoryReplayStore(options: MemoryReplayStoreOptions = {}): ReplayStore {
  return createMemoryReplayStore(options, systemTimer)
}

/** @param timer For tests. */
export function createMemoryReplayStore(
  options: MemoryReplayStoreOptions,
  timer: Timer,
): ReplayStore {
  const check = optionCheck('memoryReplayStore')
  check.known(options, ['maxEntries', 'maxPerKey'])
  const whole = { min: 1, max: 10_000_000, integer: true }
  const maxEntries = check.number('maxEntries', options.maxEntries, { fallback: 100_000, ...whole })
  const fallback = Math.ceil(maxEntries / 10)
  const maxPerKey = check.number('maxPerKey', options.maxPerKey, { fallback, ...whole })
  const used = new Set<string>()
  const perKey = new Map<string, number>()
  /** By the second in which they end: those that are over are found without a look at the rest. */
  const ending = new Map<number, string[]>()
  let swept = Math.floor(timer.now() / 1000)

  function forget(second: number): void {
    for (const name of ending.get(second) ?? []) {
      used.delete(name)
      const thumbprint = name.slice(0, name.lastIndexOf(':'))
      const left = (perKey.get(thumbprint) ?? 0) - 1
      if (left > 0) perKey.set(thumbprint, left)
      else perKey.delete(thumbprint)
    }
    ending.delete(second)
  }

  function sweep(now: number): void {
    if (now - swept > ending.size) {
      for (const second of ending.keys()) if (second < now) forget(second)
    } else {
      for (let second = swept; second < now; second += 1) forget(second)
    }
    swept = now
  }

  return {
    claim({ thumbprint, proofId, ttlMs }) {
      const now = timer.now()
      sweep(Math.floor(now / 1000))
      const name = `${thumbprint}:${proofId}`
      if (used.has(name)) return false
      const ofKey = perKey.get(thumbprint) ?? 0
      if (used.size >= maxEntries) throw new ReplayUnavailable(`It holds ${maxEntries} live proofs`)
      if (ofKey >= maxPerKey)
        throw new ReplayUnavailable(`It holds ${maxPerKey} proofs of this key`)
      const second = Math.ceil((now + ttlMs) / 1000)
      const there = ending.get(second)
      if (there === undefined) ending.set(second, [name])
      else there.push(name)
      used.add(name)
      perKey.set(thumbprint, ofKey + 1)
      return true
    },
  }
}
