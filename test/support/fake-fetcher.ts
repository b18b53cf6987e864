import type { JWK } from 'jose'
import { importKeySet, type KeySet } from '../../lib/keys/key-set.js'
import { FetchError } from '../../lib/net/fetch-error.js'
import type { Place } from '../../lib/keys/documents/metadata-place.js'
import type { FetchedKeys, KeyFetcher } from '../../lib/keys/documents/key-fetcher.js'

/** What the issuer answers: a set of kids, a failure, or nothing before the deadline. */
export type Answer =
  | {
      readonly keyIds: readonly string[]
      readonly maxAgeSeconds?: number
      readonly place?: Promise<Place>
    }
  | { readonly fails: FetchError }
  | 'silence'

/** An issuer without a network, for tests of time and state alone. Key imports are the real ones. */
export interface FakeFetcher extends KeyFetcher {
  answer: Answer
  /** When not 0, answers wait for `release()`. */
  held: boolean
  release(): void
  readonly fetches: number
  /** Largest number of fetches under way at once. */
  readonly concurrent: number
}

export function fakeFetcher(jwk: JWK, answer: Answer): FakeFetcher {
  let set: KeySet | undefined
  let fetches = 0
  let underWay = 0
  let concurrent = 0
  let waiting: (() => void)[] = []

  async function respond(signal: AbortSignal): Promise<FetchedKeys> {
    const { answer: given } = fake
    if (fake.held) await new Promise<void>((resolve) => waiting.push(resolve))
    if (given === 'silence') throw await aborted(signal)
    if ('fails' in given) throw given.fails
    set = importKeySet({ keys: given.keyIds.map((kid) => ({ ...jwk, kid })) }, set)
    const { maxAgeSeconds, place } = given
    return place === undefined ? { set, maxAgeSeconds } : { set, maxAgeSeconds, place }
  }

  const fake: FakeFetcher = {
    answer,
    held: false,
    release() {
      fake.held = false
      for (const resolve of waiting) resolve()
      waiting = []
    },
    get fetches() {
      return fetches
    },
    get concurrent() {
      return concurrent
    },
    async fetch(signal) {
      fetches += 1
      underWay += 1
      concurrent = Math.max(concurrent, underWay)
      try {
        return await respond(signal)
      } finally {
        underWay -= 1
      }
    },
  }
  return fake
}

function aborted(signal: AbortSignal): Promise<FetchError> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(new FetchError('did not answer in time')))
  })
}
