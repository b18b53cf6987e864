import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { exceedsDepth } from '../core/json-depth.js'
import { assertFetchable, guardedLookup } from './address-guard.js'
import { FetchError, fetchErrorAt } from './fetch-error.js'
import { isJsonType, remainingFreshness, retryAfterSeconds } from './response-headers.js'
import { readText } from './response-text.js'

export interface FetchLimits {
  /** Aborts the request, body included, whatever the peer is doing. */
  readonly signal: AbortSignal
  /** Cap on the body, counted after decompression. */
  readonly maxBytes: number
  /** True only where the app itself configured a loopback URL: a document from the net cannot point us at ourselves. */
  readonly allowLoopback: boolean
}

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

/** Node's own default, which a command-line flag can raise. */
const MAX_HEADER_BYTES = 16_384
/** Far more than any document of an issuer nests. */
const MAX_DEPTH = 64

/**
 * Fetches one JSON document: GET, https unless loopback, no redirects, one deadline for all of it,
 * a byte cap after decompression, and no connection to an address that the guard forbids.
 *
 * @throws FetchError for whatever goes wrong, at the deadline at the latest; never anything else.
 */
export async function fetchJson(
  url: URL,
  limits: FetchLimits,
  wanted: JsonRequest = {},
): Promise<FetchedJson> {
  assertFetchable(url, limits.allowLoopback)
  // Raced, because a socket that a peer has brought into an odd state may never report its end, and
  // a refresh that never ends would be the last one.
  return Promise.race([exchange(url, limits, wanted), deadline(url, limits.signal)])
}

function deadline(url: URL, signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const expire = (): void => reject(new FetchError(`${url.href} did not answer in time`))
    if (signal.aborted) expire()
    else signal.addEventListener('abort', expire, { once: true })
  })
}

async function exchange(url: URL, limits: FetchLimits, wanted: JsonRequest): Promise<FetchedJson> {
  let response: IncomingMessage | undefined
  try {
    response = await send(url, limits, wanted.etag)
    return await readDocument(response, limits, wanted)
  } catch (error) {
    throw fetchErrorAt(url, error)
  } finally {
    response?.destroy()
  }
}

function send(
  url: URL,
  { signal, allowLoopback }: FetchLimits,
  etag: string | undefined,
): Promise<IncomingMessage> {
  const options: RequestOptions = {
    method: 'GET',
    agent: false,
    signal,
    lookup: guardedLookup(url, allowLoopback),
    maxHeaderSize: MAX_HEADER_BYTES,
    headers: {
      accept: 'application/json, application/jwk-set+json',
      'accept-encoding': 'identity',
      connection: 'close',
      ...(etag === undefined ? {} : { 'if-none-match': etag }),
    },
  }
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    request(url, options)
      .on('response', resolve)
      .on('error', reject)
      // The only sign of an answer like "101 Switching Protocols".
      .on('close', () => reject(new FetchError('The connection closed without an answer')))
      .end()
  })
}

async function readDocument(
  response: IncomingMessage,
  limits: FetchLimits,
  wanted: JsonRequest,
): Promise<FetchedJson> {
  const { statusCode: status = 0, headers } = response
  const maxAgeSeconds = remainingFreshness(headers)
  if (status === 304 && wanted.etag !== undefined) return { modified: false, maxAgeSeconds }
  if (status !== 200) {
    const asked = retryAfterSeconds(headers)
    throw new FetchError(`The answer is ${status}`, { status, retryAfterSeconds: asked })
  }
  if (wanted.jsonTypeOnly === true && !isJsonType(headers)) {
    throw new FetchError('The answer is not of type application/json')
  }
  const text = await readText(response, limits.maxBytes)
  return { modified: true, body: parseJson(text), etag: headers.etag, maxAgeSeconds }
}

function parseJson(text: string): unknown {
  if (exceedsDepth(text, MAX_DEPTH)) throw new FetchError('The answer is nested too deeply')
  try {
    return JSON.parse(text)
  } catch {
    // Without the parser's own message, which quotes the text.
    throw new FetchError('The answer is not JSON')
  }
}
