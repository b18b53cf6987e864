import type { IncomingMessage } from 'node:http'
import { exceedsDepth } from '../../core/json-depth.js'
import { boundedFetch, type FetchLimits } from './bounded-fetch.js'
import { FetchError } from '../fetch-error.js'
import {
  isJsonType,
  redirectTarget,
  remainingFreshness,
  retryAfterSeconds,
} from './response-headers.js'
import { readText } from './response-text.js'

export interface JsonRequest {
  /** `ETag` of the copy we hold: the peer may answer 304. */
  readonly etag?: string | undefined
  /** Refuse an answer whose `Content-Type` is not JSON, although its body is. */
  readonly jsonTypeOnly?: boolean
}

export type FetchedJson =
  | { readonly modified: false; readonly maxAgeSeconds: number | undefined }
  | {
      readonly modified: true
      readonly body: unknown
      readonly etag: string | undefined
      readonly maxAgeSeconds: number | undefined
    }

/** Far more than any document of an issuer nests. */
const MAX_DEPTH = 64

/**
 * Fetches one JSON document by GET, as `boundedFetch` does.
 *
 * @throws FetchError for whatever goes wrong, at the deadline at the latest; never anything else.
 */
export function fetchJson(
  url: URL,
  limits: FetchLimits,
  wanted: JsonRequest = {},
): Promise<FetchedJson> {
  const headers = {
    accept: 'application/json, application/jwk-set+json',
    ...(wanted.etag !== undefined && { 'if-none-match': wanted.etag }),
  }
  return boundedFetch(url, { headers }, limits, (response) =>
    readDocument(response, url, limits, wanted),
  )
}

async function readDocument(
  response: IncomingMessage,
  url: URL,
  limits: FetchLimits,
  wanted: JsonRequest,
): Promise<FetchedJson> {
  const { statusCode: status = 0, headers } = response
  const maxAgeSeconds = remainingFreshness(headers)
  if (status === 304 && wanted.etag !== undefined) return { modified: false, maxAgeSeconds }
  if (status !== 200) {
    const asked = retryAfterSeconds(headers)
    const target = redirectTarget(status, headers, url)
    const hint = target && `, to ${target}: redirects are not followed, so give that address`
    const message = `The answer is ${status}${hint ?? ''}`
    throw new FetchError(message, { status, retryAfterSeconds: asked })
  }
  if (wanted.jsonTypeOnly === true && !isJsonType(headers)) {
    throw new FetchError('The answer is not of type application/json')
  }
  const text = await readText(response, limits.maxBytes)
  return { modified: true, body: parseJson(text), etag: headers.etag, maxAgeSeconds }
}

/** @throws FetchError, without a word of the text. */
export function parseJson(text: string): unknown {
  if (exceedsDepth(text, MAX_DEPTH)) throw new FetchError('The answer is nested too deeply')
  try {
    return JSON.parse(text)
  } catch {
    // Without the parser's own message, which quotes the text.
    throw new FetchError('The answer is not JSON')
  }
}
