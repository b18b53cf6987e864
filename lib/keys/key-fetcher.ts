import { isLoopbackHost } from '../net/address-guard.js'
import { fetchErrorAt } from '../net/fetch-error.js'
import { fetchJson, type FetchLimits } from '../net/fetch-json.js'
import { importKeySetInTurns, type KeySet } from './key-set.js'
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

/** One caller at a time: the key manager never has two refreshes under way. */
export function createKeyFetcher(
  location: KeyLocation,
  maxBytes: number,
  now: () => number,
): KeyFetcher {
  const configured = 'jwksUri' in location ? [location.jwksUri] : location.discoveryUrls
  const allowLoopback = configured.every((url) => isLoopbackHost(url.hostname))
  let metadata: (IssuerMetadata & { readonly refreshAt: number }) | undefined
  let held:
    { readonly set: KeySet; readonly etag: string | undefined; readonly url: string } | undefined

  async function locate(limits: FetchLimits): Promise<URL> {
    if ('jwksUri' in location) return location.jwksUri
    if (metadata !== undefined && now() < metadata.refreshAt) return metadata.jwksUri
    const known = metadata
    // Should discovery use up this attempt, the next one goes by what is known.
    if (known !== undefined) metadata = { ...known, refreshAt: now() + METADATA_SECONDS.min * 1000 }
    try {
      const found = await discover(location, limits)
      metadata = { ...found, refreshAt: now() + lifetimeMs(found.maxAgeSeconds) }
      return found.jwksUri
    } catch (error) {
      if (known === undefined || limits.signal.aborted) throw error
      return known.jwksUri
    }
  }

  async function fetchSet(url: URL, limits: FetchLimits): Promise<FetchedKeys> {
    const same = held?.url === url.href ? held : undefined
    const fetched = await fetchJson(url, limits, { etag: same?.etag })
    const { maxAgeSeconds } = fetched
    if (!fetched.modified) return { set: same!.set, maxAgeSeconds }
    const set = await readKeySet(url, fetched.body, held?.set, limits.signal)
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

async function readKeySet(
  url: URL,
  body: unknown,
  previous: KeySet | undefined,
  signal: AbortSignal,
): Promise<KeySet> {
  try {
    return await importKeySetInTurns(body, previous, signal)
  } catch (error) {
    throw fetchErrorAt(url, error)
  }
}

function lifetimeMs(maxAgeSeconds: number | undefined): number {
  const { fallback, min, max } = METADATA_SECONDS
  return Math.min(Math.max(maxAgeSeconds ?? fallback, min), max) * 1000
}
