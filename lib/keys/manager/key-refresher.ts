import type { Timer } from '../../core/clock.js'
import { printable, type AuthEvent } from '../../core/events/events.js'
import { nextFailure, type Failure } from '../../net/backoff.js'
import { Alarm } from './alarm.js'
import { Attempts, type Attempt } from './attempts.js'
import type { FetchedKeys, KeyFetcher } from '../documents/key-fetcher.js'
import { compromisedKeyIdsOf, keyIdsOf, type KeySet } from '../key-set.js'
import type { KeySourceStatus } from '../key-source.js'
import { countBeyondTries } from '../keys-to-try.js'
import { dropPins } from '../jwk/verification-key.js'
import type { Place } from '../documents/metadata-place.js'

export interface KeyRefresherOptions {
  /** Names the issuer in events. */
  readonly issuer: string
  readonly fetcher: KeyFetcher
  readonly timer: Timer
  readonly emit: (event: AuthEvent) => void
  /** Lifetime of a fetched set. Undefined: what `Cache-Control` says, 1 minute to 24 hours, else 10 minutes. */
  readonly ttlSeconds: number | undefined
  /** How long past its lifetime a set is still served while refreshing fails. */
  readonly maxStaleSeconds: number
  /** Deadline of a whole refresh, discovery included. */
  readonly timeoutMs: number
}

/** Keeps a set of keys up to date, one refresh at a time. */
export interface KeyRefresher {
  /** The set in force; undefined where there is none yet, or none that is still fit to serve. */
  usableSet(): KeySet | undefined
  /** The last refresh, where it failed. */
  failure(): Failure | undefined
  /** The number of the refresh under way; undefined while there is none. */
  underWay(): number | undefined
  /** Joins the refresh under way, or begins one. Never rejects: the two above hold its outcome. */
  refresh(): Refresh
  /**
   * Metadata that are still being asked whether the keys are elsewhere now; undefined where that is
   * known. Where they moved, a refresh is under way by then.
   */
  placeAsked(): Promise<Place> | undefined
  status(): KeySourceStatus
  close(): void
}

export interface Refresh {
  /** Counts up from 1: a refresh with a higher number began later. */
  readonly number: number
  readonly done: Promise<void>
}

interface Held {
  readonly set: KeySet
  readonly fetchedAt: number
  readonly ttlMs: number
}

type State = KeySourceStatus['state']

const DEFAULT_TTL_SECONDS = 600
const TTL_BOUNDS_SECONDS = { min: 60, max: 86_400 }
/** A longer `setTimeout` wraps round and fires at once. */
const MAX_DELAY_MS = 2 ** 31 - 1

/**
 * empty -> fresh -> stale -> dead: a set is refreshed in the background before its lifetime ends;
 * while that fails it is served for `maxStaleSeconds` more, and nothing is served after that. Only a
 * set that was fetched and validated whole replaces another, so a failure never loses a good key.
 */
export function createKeyRefresher(
  options: KeyRefresherOptions,
  onChange: () => void,
): KeyRefresher {
  const { issuer, fetcher, timer, emit, maxStaleSeconds } = options
  let held: Held | undefined
  let failure: Failure | undefined
  let flight: Refresh | undefined
  let flights = 0
  const alarm = new Alarm(timer)
  const attempts = new Attempts(timer, options.timeoutMs)
  let asking: Promise<Place> | undefined
  let staleReported = false
  let closed = false

  const state = (): State => stateOf(held, timer.now(), maxStaleSeconds)
  const ages = (): ReturnType<typeof agesOf> => agesOf(held, timer.now(), maxStaleSeconds)

  function usableSet(): KeySet | undefined {
    // Once closed, nobody hears of a key that is withdrawn.
    if (closed) return undefined
    const now = state()
    return now === 'fresh' || now === 'stale' ? held?.set : undefined
  }

  function schedule(delayMs: number): void {
    if (!closed) alarm.set(delayMs, () => void refresh())
  }

  function refresh(): Refresh {
    if (flight === undefined) {
      flights += 1
      const done = attempt().finally(() => {
        flight = undefined
      })
      flight = { number: flights, done }
    }
    return flight
  }

  async function attempt(): Promise<void> {
    const running = attempts.begin()
    let place: Promise<Place> | undefined
    try {
      const fetched = await fetcher.fetch(running.signal)
      place = fetched.place
      accept(fetched)
    } catch (error) {
      remember(error)
    }
    if (place === undefined) running.end()
    else follow(place, running)
  }

  /** Metadata that answer late count all the same. */
  function follow(place: Promise<Place>, { end }: Attempt): void {
    asking = place
    void place.then((found) => {
      end()
      if (asking === place) asking = undefined
      if (found === 'moved' && !closed) void refresh()
    })
  }

  function accept({ set, maxAgeSeconds }: FetchedKeys): void {
    const changed = set !== held?.set
    const recovered = failure !== undefined
    const ttlMs = lifetimeSeconds(options.ttlSeconds, maxAgeSeconds) * 1000
    held = { set, fetchedAt: timer.now(), ttlMs }
    dropPins(set.keys)
    failure = undefined
    staleReported = false
    schedule(refreshDelayMs(ttlMs))
    if (changed) onChange()
    for (const event of eventsOf(issuer, set, changed)) emit(event)
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
      emit(staleEvent(issuer, ages()))
    }
  }

  return {
    usableSet,
    failure: () => failure,
    underWay: () => flight?.number,
    refresh,
    placeAsked: () => asking,
    status: () => ({
      state: state(),
      generation: held?.set.generation ?? 0,
      keyIds: held === undefined ? [] : keyIdsOf(held.set),
      ...ages(),
      nextRefreshInSeconds: alarm.dueInSeconds(),
      keysBeyondTries: held === undefined ? 0 : countBeyondTries(held.set.keys),
      lastError: failure?.message,
    }),
    close() {
      closed = true
      attempts.abortAll()
      alarm.cancel()
    },
  }
}

function stateOf(held: Held | undefined, now: number, maxStaleSeconds: number): State {
  if (held === undefined) return 'empty'
  const pastLifetimeMs = now - held.fetchedAt - held.ttlMs
  if (pastLifetimeMs < 0) return 'fresh'
  return pastLifetimeMs < maxStaleSeconds * 1000 ? 'stale' : 'dead'
}

/** How old a set is, and for how much longer it is served if no refresh succeeds. */
function agesOf(
  held: Held | undefined,
  now: number,
  maxStaleSeconds: number,
): Pick<KeySourceStatus, 'ageSeconds' | 'usableSeconds'> {
  if (held === undefined) return { ageSeconds: undefined, usableSeconds: undefined }
  const ageSeconds = (now - held.fetchedAt) / 1000
  const usableSeconds = Math.max(0, held.ttlMs / 1000 + maxStaleSeconds - ageSeconds)
  return { ageSeconds, usableSeconds }
}

function staleEvent(
  issuer: string,
  { ageSeconds = 0, usableSeconds = 0 }: ReturnType<typeof agesOf>,
): AuthEvent {
  return {
    name: 'keys.stale',
    issuer,
    ageSeconds: Math.round(ageSeconds),
    usableSeconds: Math.round(usableSeconds),
  }
}

function eventsOf(issuer: string, set: KeySet, changed: boolean): readonly AuthEvent[] {
  const events: AuthEvent[] = []
  if (changed) {
    events.push({ name: 'keys.refreshed', issuer, keyIds: printed(keyIdsOf(set)) })
    for (const detail of set.ignored) {
      events.push({ name: 'keys.ignored', issuer, detail: printable(detail) })
    }
  }
  // Each time, and not only once: as long as it is published it is an emergency of the issuer.
  if (set.compromised.size > 0) {
    events.push({ name: 'keys.compromised', issuer, keyIds: printed(compromisedKeyIdsOf(set)) })
  }
  return events
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

function printed(keyIds: readonly string[]): readonly string[] {
  return keyIds.map((id) => printable(id))
}
