import type { Timer } from '../core/clock.js'
import { printable, type AuthEvent } from '../core/events.js'
import { nextFailure, type Failure } from './failure.js'
import type { FetchedKeys, KeyFetcher } from './key-fetcher.js'
import { keyIdsOf, matchingKeys, type KeySet } from './key-set.js'
import { KeysUnavailable, type KeySource, type KeySourceStatus } from './key-source.js'
import { NegativeCache } from './negative-cache.js'
import { TokenBucket } from './token-bucket.js'
import type { VerificationKey } from './verification-key.js'

export interface KeyManagerOptions {
  /** Names the issuer in events. */
  readonly issuer: string
  readonly fetcher: KeyFetcher
  readonly timer: Timer
  readonly emit: (event: AuthEvent) => void
  /** Lifetime of a fetched set. Undefined: what `Cache-Control` says, 1 minute to 24 hours, else 10 minutes. */
  readonly ttlSeconds: number | undefined
  /** How long past its lifetime a set is still served while refreshing fails. */
  readonly maxStaleSeconds: number
  readonly refetchBurst: number
  readonly refetchIntervalSeconds: number
  /** Deadline of a whole refresh, discovery included. */
  readonly timeoutMs: number
}

type Keys = readonly VerificationKey[]

const DEFAULT_TTL_SECONDS = 600
const TTL_BOUNDS_SECONDS = { min: 60, max: 86_400 }
/** A longer `setTimeout` wraps round and fires at once. */
const MAX_DELAY_MS = 2 ** 31 - 1

/**
 * Keeps one issuer's keys: empty -> fresh -> stale -> dead.
 *
 * A set is refreshed in the background before its lifetime ends; while that fails it is served for
 * `maxStaleSeconds` more. A key that a valid new set lacks is dead at once. An unknown `kid` makes
 * its request wait for one shared refetch, paid from a budget that a flood of forged tokens can
 * empty but not turn against a true rotation: whoever spends the budget fetches for everybody.
 */
export function createKeyManager(options: KeyManagerOptions): KeySource {
  const { issuer, fetcher, timer, emit, timeoutMs } = options
  const refetchIntervalMs = options.refetchIntervalSeconds * 1000
  const budget = new TokenBucket(options.refetchBurst, refetchIntervalMs, timer.now)
  const refusedKeyIds = new NegativeCache(1000, 60_000, timer.now)

  let held: { readonly set: KeySet; readonly fetchedAt: number; readonly ttlMs: number } | undefined
  let failure: Failure | undefined
  let flight: Promise<void> | undefined
  let flights = 0
  let nextRefresh: { readonly at: number; readonly cancel: () => void } | undefined
  let staleReported = false
  let abortFlight: (() => void) | undefined
  let closed = false

  function state(): KeySourceStatus['state'] {
    if (held === undefined) return 'empty'
    const pastLifetimeMs = timer.now() - held.fetchedAt - held.ttlMs
    if (pastLifetimeMs < 0) return 'fresh'
    return pastLifetimeMs < options.maxStaleSeconds * 1000 ? 'stale' : 'dead'
  }

  function usableSet(): KeySet | undefined {
    const now = state()
    return now === 'fresh' || now === 'stale' ? held?.set : undefined
  }

  function schedule(delayMs: number): void {
    nextRefresh?.cancel()
    if (closed) return
    const cancel = timer.after(delayMs, () => {
      nextRefresh = undefined
      void refresh()
    })
    nextRefresh = { at: timer.now() + delayMs, cancel }
  }

  /** Never rejects: waiters read the outcome from `held` and `failure`. */
  function refresh(): Promise<void> {
    if (flight === undefined) {
      flights += 1
      flight = attempt().finally(() => {
        flight = undefined
      })
    }
    return flight
  }

  async function attempt(): Promise<void> {
    const abort = new AbortController()
    abortFlight = () => abort.abort()
    const cancelDeadline = timer.after(timeoutMs, abortFlight)
    try {
      accept(await fetcher.fetch(abort.signal))
    } catch (error) {
      remember(error)
    } finally {
      cancelDeadline()
    }
  }

  function accept({ set, maxAgeSeconds }: FetchedKeys): void {
    const changed = set !== held?.set
    const recovered = failure !== undefined
    const ttlMs = lifetimeSeconds(options.ttlSeconds, maxAgeSeconds) * 1000
    held = { set, fetchedAt: timer.now(), ttlMs }
    failure = undefined
    staleReported = false
    schedule(refreshDelayMs(ttlMs))
    if (changed) {
      refusedKeyIds.clear()
      emit({ name: 'keys.refreshed', issuer, keyIds: keyIdsOf(set).map((id) => printable(id)) })
      for (const detail of set.ignored) {
        emit({ name: 'keys.ignored', issuer, detail: printable(detail) })
      }
    }
    if (recovered) emit({ name: 'keys.recovered', issuer })
  }

  function remember(error: unknown): void {
    failure = nextFailure(failure, error, timer.now())
    // With nothing to serve, the next request asks: an idle process does not knock for ever.
    if (usableSet() !== undefined) schedule(failure.retryAt - timer.now())
    if (closed) return
    emit({ name: 'keys.failed', issuer, detail: printable(failure.message, 400) })
    if (held !== undefined && state() !== 'fresh' && !staleReported) {
      staleReported = true
      const ageSeconds = Math.round((timer.now() - held.fetchedAt) / 1000)
      emit({ name: 'keys.stale', issuer, ageSeconds })
    }
  }

  function unavailable(): KeysUnavailable {
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
    return failure !== undefined && timer.now() < failure.askAgainAt
  }

  async function findAfterFirstFetch(keyId: string | undefined): Promise<Keys> {
    const joined = flight !== undefined
    if (!joined && backingOff()) throw unavailable()
    const deadlineAt = timer.now() + timeoutMs
    await settled(refresh(), deadlineAt)
    const set = usableSet()
    if (set === undefined) throw unavailable()
    const keys = matchingKeys(set, keyId)
    return joined && keys.length === 0 && keyId !== undefined
      ? findUnknown(keyId, deadlineAt)
      : keys
  }

  /** Whether an unknown key may cost a refetch now. Throws in an outage: then nobody can tell. */
  function mayRefetch(): boolean {
    if (backingOff()) throw unavailable()
    if (budget.take()) return true
    if (failure !== undefined) throw unavailable()
    return false
  }

  async function findUnknown(keyId: string, deadlineAt = timer.now() + timeoutMs): Promise<Keys> {
    // A refresh already under way may have been answered before this key was published: where it
    // does not bring the key, only one that begins after this request is proof.
    const flightsBefore = flights
    for (;;) {
      if (flight === undefined && !mayRefetch()) return []
      const refreshing = refresh()
      const proof = flights > flightsBefore
      await settled(refreshing, deadlineAt)
      const set = usableSet()
      if (failure !== undefined || set === undefined) throw unavailable()
      const keys = matchingKeys(set, keyId)
      if (keys.length > 0) return keys
      if (proof) {
        refusedKeyIds.add(keyId)
        return []
      }
    }
  }

  return {
    find(keyId) {
      const set = usableSet()
      if (set === undefined) return findAfterFirstFetch(keyId)
      const keys = matchingKeys(set, keyId)
      if (keys.length > 0 || keyId === undefined || refusedKeyIds.has(keyId)) return keys
      return findUnknown(keyId)
    },
    holds: (key) => !closed && usableSet()?.keys.includes(key) === true,
    generation: () => usableSet()?.generation ?? 0,
    async ready() {
      if (usableSet() === undefined) await findAfterFirstFetch(undefined)
    },
    status: () => ({
      state: state(),
      generation: held?.set.generation ?? 0,
      keyIds: held === undefined ? [] : keyIdsOf(held.set),
      ageSeconds: held === undefined ? undefined : (timer.now() - held.fetchedAt) / 1000,
      nextRefreshInSeconds:
        nextRefresh === undefined ? undefined : Math.max(0, nextRefresh.at - timer.now()) / 1000,
      lastError: failure?.message,
    }),
    close() {
      closed = true
      abortFlight?.()
      nextRefresh?.cancel()
      nextRefresh = undefined
    },
  }
}

function lifetimeSeconds(configured: number | undefined, maxAge: number | undefined): number {
  if (configured !== undefined) return configured
  if (maxAge === undefined) return DEFAULT_TTL_SECONDS
  return Math.min(Math.max(maxAge, TTL_BOUNDS_SECONDS.min), TTL_BOUNDS_SECONDS.max)
}

/** Ahead of the end by a tenth, at least 30 seconds, so that there is time to retry; up to 5 % earlier at random. */
function refreshDelayMs(ttlMs: number): number {
  const aheadMs = Math.max(Math.min(30_000, ttlMs / 2), ttlMs * 0.1)
  return Math.min((ttlMs - aheadMs) * (1 - Math.random() * 0.05), MAX_DELAY_MS)
}
