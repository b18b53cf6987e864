import type { Timer } from '../core/clock.js'
import { printable, type AuthEvent } from '../core/events.js'
import { messageOf } from '../core/values.js'
import { FetchError } from './fetch-json.js'
import type { KeyFetcher } from './key-fetcher.js'
import type { KeySet, VerificationKey } from './key-set.js'
import { keyIdsOf, KeysUnavailable, matchingKeys, type KeySource } from './key-source.js'
import { NegativeCache } from './negative-cache.js'
import { TokenBucket } from './token-bucket.js'

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

const DEFAULT_TTL_SECONDS = 600
const TTL_BOUNDS_SECONDS = { min: 60, max: 86_400 }
const RETRY_FIRST_MS = 1000
const RETRY_MAX_MS = 60_000
/** With nothing to serve every request is a 503, so the issuer is asked again soon. */
const RETRY_MAX_WHEN_EMPTY_MS = 5000

/**
 * Keeps one issuer's keys: empty -> fresh -> stale -> dead.
 *
 * A set is refreshed in the background before its lifetime ends; while that fails it is served for
 * `maxStaleSeconds` more. A key that a valid new set lacks is dead at once. An unknown `kid` makes
 * its request wait for one shared refetch, paid from a budget that a flood of forged tokens can
 * empty but not turn against a true rotation: whoever spends the budget fetches for everybody.
 */
export function createKeyManager(options: KeyManagerOptions): KeySource {
  const { fetcher, timer, emit } = options
  const budget = new TokenBucket(
    options.refetchBurst,
    options.refetchIntervalSeconds * 1000,
    timer.now,
  )
  const refusedKeyIds = new NegativeCache(1000, 60_000, timer.now)

  let held: { set: KeySet; fetchedAt: number; ttlMs: number } | undefined
  let failure: { message: string; count: number; retryAt: number } | undefined
  let flight: Promise<void> | undefined
  let flights = 0
  let cancelTimer: (() => void) | undefined
  let nextRefreshAt: number | undefined
  let staleReported = false
  let closed = false

  function state(): 'empty' | 'fresh' | 'stale' | 'dead' {
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
    cancelTimer?.()
    if (closed) return
    nextRefreshAt = timer.now() + delayMs
    cancelTimer = timer.after(delayMs, () => void refresh())
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
    const cancelDeadline = timer.after(options.timeoutMs, () => abort.abort())
    try {
      const { set, maxAgeSeconds } = await fetcher.fetch(abort.signal)
      accept(set, maxAgeSeconds)
    } catch (error) {
      remember(error)
    } finally {
      cancelDeadline()
    }
  }

  function accept(set: KeySet, maxAgeSeconds: number | undefined): void {
    const changed = set !== held?.set
    const recovered = failure !== undefined
    const ttlMs = lifetimeSeconds(options.ttlSeconds, maxAgeSeconds) * 1000
    held = { set, fetchedAt: timer.now(), ttlMs }
    failure = undefined
    staleReported = false
    if (changed) {
      refusedKeyIds.clear()
      emit({
        name: 'keys.refreshed',
        issuer: options.issuer,
        keyIds: keyIdsOf(set).map((id) => printable(id)),
      })
      for (const detail of set.ignored) {
        emit({ name: 'keys.ignored', issuer: options.issuer, detail: printable(detail) })
      }
    }
    if (recovered) emit({ name: 'keys.recovered', issuer: options.issuer })
    const ahead = Math.max(Math.min(30_000, ttlMs / 2), ttlMs * 0.1)
    schedule(Math.max(0, (ttlMs - ahead) * (1 - Math.random() * 0.05)))
  }

  function remember(error: unknown): void {
    const message = messageOf(error)
    const count = (failure?.count ?? 0) + 1
    const asked = error instanceof FetchError ? error.retryAfterSeconds : undefined
    const serving = usableSet() !== undefined
    const most = serving ? RETRY_MAX_MS : RETRY_MAX_WHEN_EMPTY_MS
    const backOffMs = Math.min(RETRY_FIRST_MS * 2 ** (count - 1), most)
    // Half fixed, half random: never at once, and not all processes together.
    const delayMs = Math.max(
      backOffMs * (0.5 + Math.random() / 2),
      Math.min((asked ?? 0) * 1000, most),
    )
    failure = { message, count, retryAt: timer.now() + delayMs }
    emit({ name: 'keys.failed', issuer: options.issuer, detail: printable(message, 400) })
    if (held !== undefined && state() !== 'fresh' && !staleReported) {
      staleReported = true
      const ageSeconds = Math.round((timer.now() - held.fetchedAt) / 1000)
      emit({ name: 'keys.stale', issuer: options.issuer, ageSeconds })
    }
    // Nothing to serve: the next request asks, so that an idle process does not knock for ever.
    if (serving) schedule(delayMs)
  }

  function unavailable(): KeysUnavailable {
    const waitMs = failure === undefined ? 1000 : failure.retryAt - timer.now()
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

  async function findAfterFirstFetch(
    keyId: string | undefined,
  ): Promise<readonly VerificationKey[]> {
    const backingOff = failure !== undefined && timer.now() < failure.retryAt
    if (flight === undefined && backingOff) throw unavailable()
    await settled(refresh(), timer.now() + options.timeoutMs)
    const set = usableSet()
    if (set === undefined) throw unavailable()
    return matchingKeys(set, keyId)
  }

  async function findUnknown(keyId: string): Promise<readonly VerificationKey[]> {
    const deadlineAt = timer.now() + options.timeoutMs
    // A refresh already under way may have been answered before this key was published: where it
    // does not bring the key, only one that begins after this request is proof.
    const flightsBefore = flights
    for (;;) {
      if (flight === undefined) {
        if (failure !== undefined && timer.now() < failure.retryAt) throw unavailable()
        if (!budget.take()) return []
      }
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
        nextRefreshAt === undefined ? undefined : Math.max(0, nextRefreshAt - timer.now()) / 1000,
      lastError: failure?.message,
    }),
    close() {
      closed = true
      cancelTimer?.()
    },
  }
}

function lifetimeSeconds(configured: number | undefined, maxAge: number | undefined): number {
  if (configured !== undefined) return configured
  if (maxAge === undefined) return DEFAULT_TTL_SECONDS
  return Math.min(Math.max(maxAge, TTL_BOUNDS_SECONDS.min), TTL_BOUNDS_SECONDS.max)
}
