import { createHash } from 'node:crypto'
import { fetchJson, FetchError, isLoopbackHost, type FetchLimits } from './fetch-json.js'
import { discover, type IssuerMetadata } from './metadata.js'
import { importKeySet, type KeySet } from './key-set.js'

/** Where a JWKS is: at a known URL, or wherever the issuer's metadata says. */
export type KeyLocation =
  | { readonly jwksUri: URL }
  | { readonly discoveryUrls: readonly URL[]; readonly issuers: readonly string[] }

export interface FetchedKeys {
  /** The same object as before where the issuer's set has not changed. */
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
  let held: { set: KeySet; digest: string; etag: string | undefined; url: string } | undefined

  async function jwksUri(limits: FetchLimits): Promise<URL> {
    if ('jwksUri' in location) return location.jwksUri
    if (metadata !== undefined && now() < metadata.refreshAt) return metadata.jwksUri
    const known = metadata
    // Should this attempt fail, the next one goes by what is known instead of failing again.
    if (known !== undefined) metadata = { ...known, refreshAt: now() + METADATA_SECONDS.min * 1000 }
    const found = await discover(location.discoveryUrls, location.issuers, limits)
    metadata = { ...found, refreshAt: now() + lifetimeMs(found.maxAgeSeconds) }
    return found.jwksUri
  }

  return {
    async fetch(signal) {
      const limits = { signal, maxBytes, allowLoopback }
      const url = await jwksUri(limits)
      try {
        const etag = held?.url === url.href ? held.etag : undefined
        const fetched = await fetchJson(url, { ...limits, etag })
        const { maxAgeSeconds } = fetched
        if (!fetched.modified) return { set: held!.set, maxAgeSeconds }
        const digest = createHash('sha256').update(JSON.stringify(fetched.body)).digest('base64')
        // An unchanged set keeps its generation, and with it all that was verified under it.
        const set =
          held?.digest === digest
            ? held.set
            : importKeySet(fetched.body, (held?.set.generation ?? 0) + 1)
        held = { set, digest, etag: fetched.etag, url: url.href }
        return { set, maxAgeSeconds }
      } catch (error) {
        // The set may have moved: ask the metadata again next time.
        if (metadata !== undefined) metadata = { ...metadata, refreshAt: now() }
        throw error instanceof FetchError ? error : new FetchError('unexpected', { cause: error })
      }
    },
  }
}

function lifetimeMs(maxAgeSeconds: number | undefined): number {
  const { fallback, min, max } = METADATA_SECONDS
  return Math.min(Math.max(maxAgeSeconds ?? fallback, min), max) * 1000
}
