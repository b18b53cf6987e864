import type { Allowance } from '../../net/network/allowance.js'
import { expiry } from '../../net/fetch/bounded-fetch.js'
import { FetchError } from '../../net/fetch-error.js'
import {
  fetchJson,
  parseJson,
  type FetchedJson,
  type JsonRequest,
} from '../../net/fetch/fetch-json.js'
import type { Network } from '../../net/network/network.js'
import { messageOf } from '../../core/values.js'

/** How the documents of one issuer are had, metadata and keys alike. */
export interface Documents {
  /** What a document may name: an address outside it is never asked for. */
  readonly allowance: Allowance
  /** Whether a JWKS in the place of metadata is taken: only from a function that the app gave. */
  readonly mayBeKeys: boolean
  /** @throws FetchError */
  fetch(url: URL, signal: AbortSignal, wanted?: JsonRequest): Promise<FetchedJson>
}

/** Bounds for a function of the app that is asked for a document. */
export interface KeyRequest {
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal
  /** A larger answer is refused. */
  readonly maxBytes: number
}

export type FetchKeys = (url: URL, request: KeyRequest) => unknown

export function documentsBy(network: Network, maxBytes: number): Documents {
  return {
    allowance: network.allowance,
    mayBeKeys: false,
    fetch: (url, signal, wanted) => fetchJson(url, { signal, maxBytes, network }, wanted),
  }
}

export function documentsByApp(
  fetchKeys: FetchKeys,
  allowance: Allowance,
  maxBytes: number,
): Documents {
  return {
    allowance,
    mayBeKeys: true,
    async fetch(url, signal) {
      const request = { signal, maxBytes }
      const body = await askApp(`fetchKeys(${url.href})`, () => fetchKeys(url, request), request)
      return { modified: true, body, etag: undefined, maxAgeSeconds: undefined }
    },
  }
}

/**
 * What a function of the app returns, as the text or the value of a JSON document. It is held to the
 * bounds of the network, and read anew: a getter or a later change must not get past validation.
 *
 * @throws FetchError for whatever goes wrong, at the deadline at the latest.
 */
export async function askApp(
  name: string,
  call: () => unknown,
  { signal, maxBytes }: KeyRequest,
): Promise<unknown> {
  const text = await Promise.race([textOf(name, call), expiry(name, signal)]).catch(
    // A fetch that was told to stop complains of that.
    (error: unknown) => (signal.aborted ? expiry(name, signal) : Promise.reject(error)),
  )
  if (Buffer.byteLength(text) > maxBytes) {
    throw new FetchError(`${name}: The answer is larger than ${maxBytes} bytes`)
  }
  return parseJson(text)
}

async function textOf(name: string, call: () => unknown): Promise<string> {
  try {
    const answer = await call()
    const text: unknown = typeof answer === 'string' ? answer : JSON.stringify(answer)
    if (typeof text === 'string') return text
  } catch (error) {
    throw new FetchError(`${name} failed: ${messageOf(error)}`, { cause: error })
  }
  throw new FetchError(`${name} returned no document`)
}
