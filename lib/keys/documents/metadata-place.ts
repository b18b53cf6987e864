import type { Documents } from './documents.js'
import { discover, type DiscoveryTarget } from './metadata.js'

/** Whether the keys are where they were, as far as metadata tell that were asked again. */
export type Place = 'same' | 'moved' | 'silent'

/** Where the metadata say that the JWKS is. */
export interface MetadataPlace {
  /** Undefined before they have ever been read. */
  known(): URL | undefined
  /** @throws FetchError */
  first(signal: AbortSignal): Promise<URL>
  /**
   * Asks again where that is due; joins whoever does already. Undefined where the metadata in hand
   * are fresh. Never rejects: metadata that fail leave the known place in use.
   */
  again(signal: AbortSignal): Promise<Place> | undefined
  /** The keys were not there: the next refresh asks again. */
  doubt(): void
}

const LIFETIME_SECONDS = { fallback: 3600, min: 300, max: 86_400 }

export function createMetadataPlace(
  target: DiscoveryTarget,
  documents: Documents,
  now: () => number,
): MetadataPlace {
  let held: { readonly jwksUri: URL; readonly refreshAt: number } | undefined
  let asking: Promise<Place> | undefined

  async function ask(signal: AbortSignal): Promise<URL> {
    const { jwksUri, maxAgeSeconds } = await discover(target, documents, signal)
    held = { jwksUri, refreshAt: now() + lifetimeMs(maxAgeSeconds) }
    return jwksUri
  }

  async function compare(before: URL, signal: AbortSignal): Promise<Place> {
    try {
      const { href } = await ask(signal)
      return href === before.href ? 'same' : 'moved'
    } catch {
      return signal.aborted ? 'silent' : 'same'
    } finally {
      asking = undefined
    }
  }

  return {
    known: () => held?.jwksUri,
    first: ask,
    again(signal) {
      if (asking !== undefined || held === undefined || now() < held.refreshAt) return asking
      // Should this one fail, those of the next minutes go by what is known.
      held = { ...held, refreshAt: now() + LIFETIME_SECONDS.min * 1000 }
      asking = compare(held.jwksUri, signal)
      return asking
    },
    doubt() {
      if (held !== undefined) held = { ...held, refreshAt: now() }
    },
  }
}

function lifetimeMs(maxAgeSeconds: number | undefined): number {
  const { fallback, min, max } = LIFETIME_SECONDS
  return Math.min(Math.max(maxAgeSeconds ?? fallback, min), max) * 1000
}
