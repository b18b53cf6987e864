import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { assertFetchable, guardedLookup } from './address-guard.js'
import { bareAddress } from './allowance.js'
import { FetchError, fetchErrorAt } from './fetch-error.js'
import { headersFor, proxyFor, type Network, type RequestHeaders } from './network.js'
import { openTunnel } from './tunnel.js'
import { USER_AGENT } from './user-agent.js'

export interface FetchLimits {
  /** Aborts the exchange, body included, whatever the peer is doing. */
  readonly signal: AbortSignal
  /** Cap on the body, counted after decompression. */
  readonly maxBytes: number
  readonly network: Network
}

export interface BoundedRequest {
  /** @default 'GET' */
  readonly method?: 'GET' | 'POST'
  readonly headers?: RequestHeaders
  readonly body?: string
  /** Shown in the TLS handshake. */
  readonly certificate?: ClientCertificate | undefined
}

/** A client certificate of ours, in PEM. */
export interface ClientCertificate {
  readonly cert: string
  readonly key: string
}

/** Node's own default, which a command-line flag can raise. */
const MAX_HEADER_BYTES = 16_384

/**
 * One exchange: https unless the network says otherwise, no redirects, one deadline for all of it, and
 * no connection to an address that the guard forbids. `read` reads the answer, within the same deadline.
 *
 * @throws FetchError for whatever goes wrong, at the deadline at the latest; never anything else.
 */
export async function boundedFetch<T>(
  url: URL,
  request: BoundedRequest,
  limits: FetchLimits,
  read: (response: IncomingMessage) => T | Promise<T>,
): Promise<T> {
  assertFetchable(url, limits.network.allowance)
  // Raced, because a socket that a peer has brought into an odd state may never report its end, and
  // a refresh that never ends would be the last one.
  return Promise.race([exchange(url, request, limits, read), expiry(url.href, limits.signal)])
}

/** Rejects once the deadline is over. Never resolves. */
export function expiry(who: string, signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const expire = (): void => reject(new FetchError(`${who} did not answer in time`))
    if (signal.aborted) expire()
    else signal.addEventListener('abort', expire, { once: true })
  })
}

async function exchange<T>(
  url: URL,
  request: BoundedRequest,
  limits: FetchLimits,
  read: (response: IncomingMessage) => T | Promise<T>,
): Promise<T> {
  let response: IncomingMessage | undefined
  try {
    response = await send(url, request, await optionsFor(url, request, limits))
    return await read(response)
  } catch (error) {
    throw fetchErrorAt(url, error)
  } finally {
    response?.destroy()
  }
}

async function optionsFor(
  url: URL,
  { method = 'GET', headers, certificate }: BoundedRequest,
  { signal, network }: FetchLimits,
): Promise<RequestOptions> {
  const own = await headersFor(url, network)
  const proxy = await proxyFor(url, network)
  const ca = { ...(network.ca && { ca: [...network.ca] }), ...certificate }
  const options: RequestOptions = {
    method,
    signal,
    maxHeaderSize: MAX_HEADER_BYTES,
    headers: {
      'user-agent': USER_AGENT,
      ...lowerCased(headers),
      ...lowerCased(own),
      'accept-encoding': 'identity',
      connection: 'close',
    },
  }
  if (proxy === undefined) {
    const lookup = guardedLookup(url, network.allowance, network.resolve)
    return { ...options, ...ca, agent: false, lookup }
  }
  const socket = await openTunnel(proxy, url, network, signal)
  if (url.protocol === 'http:') return { ...options, createConnection: () => socket }
  const host = bareAddress(url.hostname)
  const servername = isIP(host) === 0 ? { servername: host } : {}
  return { ...options, createConnection: () => tlsConnect({ ...ca, ...servername, host, socket }) }
}

/** One name in two spellings would be sent twice. */
function lowerCased(headers: RequestHeaders = {}): RequestHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}

function send(
  url: URL,
  { body }: BoundedRequest,
  options: RequestOptions,
): Promise<IncomingMessage> {
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
