import { FetchError, fetchErrorAt } from '../../net/fetch-error.js'
import { askApp, type Documents, type KeyRequest } from './documents.js'
import { importKeySetInTurns, type KeySet } from '../key-set.js'
import type { DiscoveryTarget } from './metadata.js'
import { createMetadataPlace, type Place } from './metadata-place.js'

/** Where a JWKS is: at a known URL, or wherever the issuer's metadata says. */
export type KeyLocation = { readonly jwksUri: URL } | DiscoveryTarget

export interface FetchedKeys {
  /** The same object as before where the issuer's keys have not changed. */
  readonly set: KeySet
  readonly maxAgeSeconds: number | undefined
  /**
   * Metadata are still being asked whether this is the place. Until they have answered, nobody knows
   * that a key is unknown. Never rejects; ends at the signal's deadline.
   */
  readonly place?: Promise<Place>
}

export interface KeyFetcher {
  /**
   * Fetches the set, discovery included where it is due. A failure changes nothing that is held.
   *
   * @throws FetchError
   */
  fetch(signal: AbortSignal): Promise<FetchedKeys>
}

/** A set that is not in force yet, with what its next request needs. */
interface Answer extends FetchedKeys {
  readonly url: string
  readonly etag: string | undefined
}

/** One caller at a time: the key manager never has two refreshes under way. */
export function createKeyFetcher(
  location: KeyLocation,
  documents: Documents,
  now: () => number,
): KeyFetcher {
  const metadata = 'jwksUri' in location ? undefined : createMetadataPlace(location, documents, now)
  let held: Answer | undefined

  async function ask(url: URL, signal: AbortSignal): Promise<Answer> {
    const same = held?.url === url.href ? held : undefined
    try {
      const fetched = await documents.fetch(url, signal, { etag: same?.etag })
      const { maxAgeSeconds } = fetched
      if (!fetched.modified) return { ...same!, maxAgeSeconds }
      const set = await readKeySet(url, fetched.body, held?.set, signal)
      return { set, maxAgeSeconds, etag: fetched.etag, url: url.href }
    } catch (error) {
      // The set may have moved.
      metadata?.doubt()
      throw error
    }
  }

  function take(answer: Answer): FetchedKeys {
    held = answer
    const { set, maxAgeSeconds } = answer
    return { set, maxAgeSeconds }
  }

  /**
   * The place known from before is asked beside the metadata: silent ones would cost the whole
   * deadline otherwise. Where they name another place in time, only that counts.
   */
  async function fetchBeside(
    known: URL,
    asking: Promise<Place>,
    signal: AbortSignal,
  ): Promise<FetchedKeys> {
    const leave = new AbortController()
    const answering = settled(ask(known, AbortSignal.any([signal, leave.signal])))
    let place: Place | undefined
    const moving = asking.then((found) => {
      place = found
      return found === 'moved' ? undefined : answering
    })
    let answer = await Promise.race([answering, moving])
    if (answer instanceof FetchError && (await asking) === 'moved') answer = undefined
    if (answer instanceof FetchError) throw answer
    if (answer !== undefined)
      return place === undefined ? { ...take(answer), place: asking } : take(answer)
    leave.abort()
    return take(await ask(metadata!.known()!, signal))
  }

  return {
    async fetch(signal) {
      if ('jwksUri' in location) return take(await ask(location.jwksUri, signal))
      const known = metadata!.known()
      if (known === undefined) return take(await ask(await metadata!.first(signal), signal))
      const asking = metadata!.again(signal)
      return asking === undefined
        ? take(await ask(known, signal))
        : fetchBeside(known, asking, signal)
    },
  }
}

/** Keys that a function of the app returns whenever it is asked. */
export function createAppKeyFetcher(
  jwks: (request: KeyRequest) => unknown,
  maxBytes: number,
): KeyFetcher {
  let held: KeySet | undefined
  return {
    async fetch(signal) {
      const request = { signal, maxBytes }
      const body = await askApp('jwks()', () => jwks(request), request)
      held = await importKeySetInTurns(body, held, signal)
      return { set: held, maxAgeSeconds: undefined }
    },
  }
}

function settled(answering: Promise<Answer>): Promise<Answer | FetchError> {
  return answering.catch((error: unknown) => {
    if (error instanceof FetchError) return error
    throw error
  })
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
