import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions as HttpsOptions } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { ensureFetchable, guardedLookup } from '../network/address-guard.js'
import { bareAddress } from '../network/allowance.js'
import { FetchError, fetchErrorAt } from '../fetch-error.js'
import { headersFor, proxyFor, type Network, type RequestHeaders } from '../network/network.js'
import { openTunnel } from '../network/tunnel.js'
import { USER_AGENT } from '../user-agent.js'

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
  ensureFetchable(url, limits.network.allowance)
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
  let tunnel: Socket | undefined
  try {
    const options = await optionsFor(url, request, limits)
    const proxy = await proxyFor(url, limits.network)
    if (proxy !== undefined) tunnel = await openTunnel(proxy, url, limits.network, limits.signal)
    const way = tunnel === undefined ? directly(url, limits.network) : through(tunnel, url, options)
    response = await send(url, request, { ...options, ...way })
    return await read(response)
  } catch (error) {
    throw fetchErrorAt(url, error)
  } finally {
    response?.destroy()
    // Nobody else closes it where the deadline ends before TLS begins.
    tunnel?.destroy()
  }
}

async function optionsFor(
  url: URL,
  { method = 'GET', headers, certificate }: BoundedRequest,
  { signal, network }: FetchLimits,
): Promise<HttpsOptions> {
  const own = await headersFor(url, network)
  return {
    method,
    signal,
    maxHeaderSize: MAX_HEADER_BYTES,
    ...(network.ca && { ca: [...network.ca] }),
    ...certificate,
    headers: {
      'user-agent': USER_AGENT,
      ...lowerCased(headers),
      ...lowerCased(own),
      'accept-encoding': 'identity',
      connection: 'close',
    },
  }
}

function directly(url: URL, { allowance, resolve }: Network): HttpsOptions {
  return { agent: false, lookup: guardedLookup(url, allowance, resolve) }
}

function through(tunnel: Socket, url: URL, { ca, cert, key }: HttpsOptions): HttpsOptions {
  if (url.protocol === 'http:') return { createConnection: () => tunnel }
  const host = bareAddress(url.hostname)
  const servername = isIP(host) === 0 ? { servername: host } : {}
  const tls = { ...(ca && { ca }), ...(cert && { cert, key }), ...servername, host, socket: tunnel }
  return { createConnection: () => tlsConnect(tls) }
}

/** One name in two spellings would be sent twice. */
function lowerCased(headers: RequestHeaders = {}): RequestHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}

function send(url: URL, { body }: BoundedRequest, options: HttpsOptions): Promise<IncomingMessage> {
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
