import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { exceedsDepth } from '../core/json-depth.js'
import { assertFetchable, guardedLookup } from './address-guard.js'
import { FetchError, fetchErrorAt } from './fetch-error.js'
import type { FetchLimits } from './fetch-json.js'
import { retryAfterSeconds } from './response-headers.js'
import { readText } from './response-text.js'

/** A client certificate of ours, in PEM. */
export interface ClientCertificate {
  readonly cert: string
  readonly key: string
}

export interface FormPost {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly certificate?: ClientCertificate | undefined
}

/** An answer of status 200. */
export interface PostedAnswer {
  readonly contentType: string
  readonly text: string
}

/** Node's own default, which a command-line flag can raise. */
const MAX_HEADER_BYTES = 16_384
const MAX_DEPTH = 64

/**
 * Posts a form, within the bounds of `fetchJson`: https unless loopback, no redirects, one deadline for
 * all of it, a byte cap, and no connection to an address that the guard forbids.
 *
 * @throws FetchError for whatever goes wrong, with the status where it was not 200; never anything else.
 */
export async function postForm(
  url: URL,
  post: FormPost,
  limits: FetchLimits,
): Promise<PostedAnswer> {
  assertFetchable(url, limits.allowLoopback)
  return Promise.race([exchange(url, post, limits), expiry(url, limits.signal)])
}

function expiry(url: URL, signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const expire = (): void => reject(new FetchError(`${url.href} did not answer in time`))
    if (signal.aborted) expire()
    else signal.addEventListener('abort', expire, { once: true })
  })
}

async function exchange(url: URL, post: FormPost, limits: FetchLimits): Promise<PostedAnswer> {
  let response: IncomingMessage | undefined
  try {
    response = await send(url, post, limits)
    const { statusCode: status = 0, headers } = response
    if (status !== 200) {
      const asked = retryAfterSeconds(headers)
      throw new FetchError(`The answer is ${status}`, { status, retryAfterSeconds: asked })
    }
    const text = await readText(response, limits.maxBytes)
    if (exceedsDepth(text, MAX_DEPTH)) throw new FetchError('The answer is nested too deeply')
    return { contentType: headers['content-type'] ?? '', text }
  } catch (error) {
    throw fetchErrorAt(url, error)
  } finally {
    response?.destroy()
  }
}

function send(
  url: URL,
  { body, headers, certificate }: FormPost,
  { signal, allowLoopback }: FetchLimits,
): Promise<IncomingMessage> {
  const options: RequestOptions = {
    ...certificate,
    method: 'POST',
    agent: false,
    signal,
    lookup: guardedLookup(url, allowLoopback),
    maxHeaderSize: MAX_HEADER_BYTES,
    headers: {
      ...headers,
      'content-length': String(Buffer.byteLength(body)),
      'accept-encoding': 'identity',
      connection: 'close',
    },
  }
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    request(url, options)
      .on('response', resolve)
      .on('error', reject)
      // The only sign of an answer like "101 Switching Protocols".
      .on('close', () => reject(new FetchError('The connection closed without an answer')))
      .end(body)
  })
}
