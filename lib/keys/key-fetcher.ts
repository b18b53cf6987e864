import type { Timer } from '../core/clock.js'
import { isLoopbackHost } from './address-guard.js'
import { fetchErrorAt } from './fetch-error.js'
import { fetchJson, type FetchLimits } from './fetch-json.js'
import { importKeySet, type KeySet } from './key-set.js'
import { discover, type DiscoveryTarget, type IssuerMetadata } from './metadata.js'

/** Where a JWKS is: at a known URL, or wherever the issuer's metadata says. */
export type KeyLocation = { readonly jwksUri: URL } | DiscoveryTarget

export interface FetchedKeys {
  /** The same object as before where the issuer's keys have not changed. */
  readonly set: KeySet
  readonly maxAgeSeconds: number | undefined
}

export interface KeyFetcher {
  /**
   * Fetches the set, discovery included where it is due. A failure changes nothing that is held.
   *
   * @throws FetchError
   */
  fetch(signal: AbortSignal): Promise<FetchedKeys>
}

const METADATA_SECONDS = { fallback: 3600, min: 300, max: 86_400 }

export interface KeyFetcherOptions {
  /** Of one document. */
  readonly maxBytes: number
  /** Deadline of a whole fetch, discovery included. The caller keeps it, by his signal. */
  readonly timeoutMs: number
  readonly timer: Timer
}

/** One caller at a time: the key manager never has two refreshes under way. */
export function createKeyFetcher(location: KeyLocation, options: KeyFetcherOptions): KeyFetcher {
  const { maxBytes, timeoutMs, timer } = options
  const { now } = timer
  const configured = 'jwksUri' in location ? [location.jwksUri] : location.discoveryUrls
  const allowLoopback = configured.every((url) => isLoopbackHost(url.hostname))
  let metadata: (IssuerMetadata & { readonly refreshAt: number }) | undefined
  let held:
    { readonly set: KeySet; readonly etag: string | undefined; readonly url: string } | undefined

  async function locate(limits: FetchLimits): Promise<URL> {
    if ('jwksUri' in location) return location.jwksUri
    if (metadata !== undefined && now() < metadata.refreshAt) return metadata.jwksUri
    const known = metadata
    // Whatever comes of it, the next attempts go by what is known.
    if (known !== undefined) metadata = { ...known, refreshAt: now() + METADATA_SECONDS.min * 1000 }
    try {
      const found = await discoverAgain(location, known, limits)
      metadata = { ...found, refreshAt: now() + lifetimeMs(found.maxAgeSeconds) }
      return found.jwksUri
    } catch (error) {
      if (known === undefined || limits.signal.aborted) throw error
      return known.jwksUri
    }
  }

  /** Where the keys are known to be, silence may take half of the time: the rest is for the keys. */
  async function discoverAgain(
    target: DiscoveryTarget,
    known: IssuerMetadata | undefined,
    limits: FetchLimits,
  ): Promise<IssuerMetadata> {
    if (known === undefined) return discover(target, limits)
    const impatience = new AbortController()
    const cancel = timer.after(timeoutMs / 2, () => impatience.abort())
    try {
      const signal = AbortSignal.any([limits.signal, impatience.signal])
      return await discover(target, { ...limits, signal })
    } finally {
      cancel()
    }
  }

  async function fetchSet(url: URL, limits: FetchLimits): Promise<FetchedKeys> {
    const same = held?.url === url.href ? held : undefined
    const fetched = await fetchJson(url, limits, { etag: same?.etag })
    const { maxAgeSeconds } = fetched
    if (!fetched.modified) return { set: same!.set, maxAgeSeconds }
    const set = readKeySet(url, fetched.body, held?.set)
    held = { set, etag: fetched.etag, url: url.href }
    return { set, maxAgeSeconds }
  }

  return {
    async fetch(signal) {
      const limits = { signal, maxBytes, allowLoopback }
      const url = await locate(limits)
      try {
        return await fetchSet(url, limits)
      } catch (error) {
        // The set may have moved: ask the metadata again next time.
        if (metadata !== undefined) metadata = { ...metadata, refreshAt: now() }
        throw error
      }
    },
  }
}

function readKeySet(url: URL, body: unknown, previous: KeySet | undefined): KeySet {
  try {
    return importKeySet(body, previous)
  } catch (error) {
    throw fetchErrorAt(url, error)
  }
}

function lifetimeMs(maxAgeSeconds: number | undefined): number {
  const { fallback, min, max } = METADATA_SECONDS
  return Math.min(Math.max(maxAgeSeconds ?? fallback, min), max) * 1000
}
