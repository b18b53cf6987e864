import { lookup as systemLookup } from 'node:dns'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import type { Transform } from 'node:stream'
import { codeOf } from '../core/values.js'

export interface FetchLimits {
  /** Aborts the request, body included, whatever the peer is doing. */
  readonly signal: AbortSignal
  /** Cap on the body, counted after decompression. */
  readonly maxBytes: number
  /** True only where the app itself configured a loopback URL: a document from the net cannot point us at ourselves. */
  readonly allowLoopback: boolean
  /** `ETag` of the copy we hold: the peer may answer 304. */
  readonly etag?: string | undefined
}

export type FetchedJson =
  | { readonly modified: false; readonly maxAgeSeconds: number | undefined }
  | {
      readonly modified: true
      readonly body: unknown
      readonly etag: string | undefined
      readonly maxAgeSeconds: number | undefined
    }

/** The peer did not give us a usable JSON document. `retryAfterSeconds`, where it said when to come back. */
export class FetchError extends Error {
  override readonly name = 'FetchError'
  readonly status: number | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(
    message: string,
    options: { status?: number; retryAfterSeconds?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.status = options.status
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** Link-local and cloud metadata addresses: no issuer lives there, and an SSRF would aim there. */
const FORBIDDEN = new BlockList()
FORBIDDEN.addSubnet('169.254.0.0', 16)
FORBIDDEN.addSubnet('0.0.0.0', 8)
FORBIDDEN.addAddress('100.100.100.200')
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6')
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6')
FORBIDDEN.addAddress('::', 'ipv6')

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8)
LOOPBACK.addAddress('::1', 'ipv6')

/**
 * Fetches one JSON document: GET, https unless loopback, no redirects, one deadline for all of it,
 * a byte cap after decompression, and no connection to an address that the guard forbids.
 *
 * @throws FetchError for whatever goes wrong; never anything else.
 */
export async function fetchJson(url: URL, limits: FetchLimits): Promise<FetchedJson> {
  assertFetchable(url, limits.allowLoopback)
  const response = await send(url, limits)
  try {
    return await readDocument(url, response, limits)
  } finally {
    response.destroy()
  }
}

/** Throws for a URL that would never be fetched, so that it can be refused when it is configured. */
export function assertFetchable(url: URL, allowLoopback: boolean): void {
  const loopback = isLoopbackHost(url.hostname)
  if (loopback && !allowLoopback) {
    throw new FetchError(`${url.href} points at this machine, but the configured issuer does not`)
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) {
    throw new FetchError(`${url.href} is not https (plain http is for loopback only)`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new FetchError(`The URL at ${url.host} carries credentials`)
  }
  const address = bareAddress(url.hostname)
  if (isIP(address) !== 0) assertAddress(address, allowLoopback)
}

export function isLoopbackHost(hostname: string): boolean {
  const host = bareAddress(hostname)
  if (isIP(host) !== 0) return LOOPBACK.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')
  return host === 'localhost' || host.endsWith('.localhost')
}

function bareAddress(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

function assertAddress(address: string, allowLoopback: boolean): void {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  if (FORBIDDEN.check(address, family)) {
    throw new FetchError(`The address ${address} is link-local or a metadata service`)
  }
  if (!allowLoopback && LOOPBACK.check(address, family)) {
    throw new FetchError(`The address ${address} is this machine, but the configured issuer is not`)
  }
}

/** Checks the address that the socket is about to dial, so that DNS cannot change its mind in between. */
function guardedLookup(allowLoopback: boolean): LookupFunction {
  return (hostname, options, callback) => {
    systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, [])
      try {
        for (const { address } of addresses) assertAddress(address, allowLoopback)
      } catch (refusal) {
        return callback(asFetchError(hostname, refusal), [])
      }
      const [first] = addresses
      if (options.all === true || first === undefined) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

function send(url: URL, limits: FetchLimits): Promise<IncomingMessage> {
  const options: RequestOptions = {
    method: 'GET',
    agent: false,
    signal: limits.signal,
    lookup: guardedLookup(limits.allowLoopback),
    headers: {
      accept: 'application/json, application/jwk-set+json',
      'accept-encoding': 'identity',
      connection: 'close',
      ...(limits.etag === undefined ? {} : { 'if-none-match': limits.etag }),
    },
  }
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    request(url, options)
      .on('response', resolve)
      .on('error', (error) => reject(asFetchError(url.href, error, limits.signal)))
      .end()
  })
}

async function readDocument(
  url: URL,
  response: IncomingMessage,
  limits: FetchLimits,
): Promise<FetchedJson> {
  const status = response.statusCode ?? 0
  const maxAgeSeconds = cacheMaxAge(response.headers['cache-control'])
  if (status === 304 && limits.etag !== undefined) return { modified: false, maxAgeSeconds }
  if (status !== 200) {
    const retryAfterSeconds = retryAfter(response.headers['retry-after'])
    throw new FetchError(`${url.href} answered ${status}`, { status, retryAfterSeconds })
  }
  const text = await readText(url, response, limits)
  try {
    const body: unknown = JSON.parse(text)
    return { modified: true, body, etag: response.headers.etag, maxAgeSeconds }
  } catch {
    throw new FetchError(`${url.href} did not answer with JSON`, { status })
  }
}

async function readText(url: URL, response: IncomingMessage, limits: FetchLimits): Promise<string> {
  const decoder = decompressor(url, response.headers['content-encoding'])
  const source = decoder === undefined ? response : response.pipe(decoder)
  // pipe() does not hand errors on, and an aborted response must end the decoder as well.
  if (decoder !== undefined) response.on('error', (error) => decoder.destroy(error))
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > limits.maxBytes) {
        throw new FetchError(`${url.href} sent more than ${limits.maxBytes} bytes`)
      }
      chunks.push(chunk)
    }
    if (!response.complete) throw new FetchError(`${url.href} broke off in the middle`)
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch (error) {
    throw asFetchError(url.href, error, limits.signal)
  } finally {
    decoder?.destroy()
  }
}

/** We ask for no encoding, but a peer may compress all the same. */
function decompressor(url: URL, encoding: string | undefined): Transform | undefined {
  switch (encoding?.toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return undefined
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    case 'br':
      return createBrotliDecompress()
    default:
      throw new FetchError(`${url.href} answered with an unknown content encoding`)
  }
}

function asFetchError(target: string, error: unknown, signal?: AbortSignal): FetchError {
  if (error instanceof FetchError) return error
  if (signal?.aborted === true)
    return new FetchError(`${target} did not answer in time`, { cause: error })
  const code = codeOf(error) ?? 'unknown error'
  return new FetchError(`${target} could not be reached (${code})`, { cause: error })
}

/** `max-age` in seconds; 0 for `no-store` and `no-cache` (RFC 9111 §5.2.2). */
function cacheMaxAge(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  for (const directive of header.split(',')) {
    const [name = '', value = ''] = directive.trim().toLowerCase().split('=')
    if (name === 'no-store' || name === 'no-cache') return 0
    if (name === 'max-age' && /^"?\d{1,10}"?$/.test(value)) return Number(value.replaceAll('"', ''))
  }
  return undefined
}

/** Only delta-seconds: an HTTP date would bring the peer's clock into our back-off (RFC 9110 §10.2.3). */
function retryAfter(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : undefined
}
