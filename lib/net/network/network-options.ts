import { X509Certificate } from 'node:crypto'
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { Untold, type OptionCheck } from '../../core/options/option-check.js'
import { isRecord } from '../../core/values.js'
import { allowanceOf } from './allowance.js'
import { FetchError } from '../fetch-error.js'
import type { Network, RequestHeaders } from './network.js'

/** How the servers of one issuer are reached. Nothing that a token or a document says changes it. */
export interface NetworkOptions {
  /**
   * Certificates in PEM that vouch for the servers, in place of those that Node trusts.
   * @default those of Node, with `NODE_EXTRA_CA_CERTS`
   */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined
  /**
   * Sent with each request to an origin (scheme, host, port) that the options of this issuer name, and
   * to no other. A function is called before each request; an error of it is an outage (503).
   *
   * A document must not be able to send a credential to its author. A function is for a token that is
   * renewed.
   */
  readonly headers?: RequestHeaders | (() => RequestHeaders | Promise<RequestHeaders>) | undefined
  /**
   * An http or https proxy, by its URL, with credentials where it wants them; `false` for none. It must
   * allow CONNECT. Given here it is used for every host.
   * @default by `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, never for this machine; needs the package proxy-from-env
   */
  readonly proxy?: string | URL | false | undefined
  /**
   * Exact host names that may be reached over plain http, on any port. Anybody who can alter the traffic
   * in between can issue tokens. Link-local addresses and metadata services stay forbidden. @default
   * none
   */
  readonly dangerouslyAllowHttp?: readonly string[] | undefined
  /** Exact host names that may be this machine, over http or https. @default none but a configured localhost */
  readonly allowLoopback?: readonly string[] | undefined
}

export const NETWORK_OPTION_NAMES: readonly (keyof NetworkOptions)[] = [
  'ca',
  'headers',
  'proxy',
  'dangerouslyAllowHttp',
  'allowLoopback',
]

/** They frame the message, or undo its bounds. */
const OUR_HEADERS =
  /^(?:host|connection|content-length|transfer-encoding|accept-encoding|expect|upgrade|te|trailer)$/i

/**
 * Checks the option `network`.
 *
 * @param configured The URLs that the operator named.
 * @param publicOnly Whether others than the operator chose the issuer, and must not reach what is inside.
 * @throws TypeError naming the option.
 */
export function compileNetwork(
  check: OptionCheck,
  options: NetworkOptions | undefined,
  configured: readonly URL[],
  publicOnly = false,
): Network {
  const base = allowanceOf(configured, publicOnly)
  const origins = new Set(configured.map(({ origin }) => origin))
  if (options === undefined) return { ...DIRECT, origins, allowance: base }
  check.known(options, NETWORK_OPTION_NAMES, { within: 'network' })
  const http = hostNames(check, 'dangerouslyAllowHttp', options.dangerouslyAllowHttp)
  const loopback = hostNames(check, 'allowLoopback', options.allowLoopback)
  return {
    ca: certificatesOf(check, options.ca),
    headers: headersOf(check, options.headers),
    proxy: proxyOf(check, options.proxy),
    origins,
    allowance: { ...base, http, loopback },
  }
}

const DIRECT = { ca: undefined, headers: () => undefined, proxy: undefined }

/** Exact, so that no pattern lets in more than was meant. */
function hostNames(
  check: OptionCheck,
  option: 'dangerouslyAllowHttp' | 'allowLoopback',
  value: unknown,
): ReadonlySet<string> {
  if (value === undefined) return new Set()
  const name = `network.${option}`
  if (!Array.isArray(value)) check.refuse(name, 'be a list of host names', value)
  const names = value.length === 0 ? [] : check.strings(name, value)
  const wrong = names.find((item) => !isHostName(item))
  if (wrong !== undefined) {
    check.refuse(name, 'hold exact host names in lower case, without scheme, port and path', wrong)
  }
  return new Set(names)
}

function isHostName(text: string): boolean {
  const url = `http://${text}/`
  return !text.includes('*') && URL.canParse(url) && new URL(url).hostname === text
}

function certificatesOf(check: OptionCheck, value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  const blocks = list.map((item) => {
    const text = item instanceof Uint8Array ? Buffer.from(item).toString('latin1') : item
    return typeof text === 'string' ? certificatesIn(text) : []
  })
  // Node takes what is no certificate without a word, and then trusts nobody.
  if (blocks.length === 0 || blocks.some((found) => found.length === 0)) {
    check.refuse(
      'network.ca',
      'hold certificates in PEM (-----BEGIN CERTIFICATE-----)',
      '(not shown)',
    )
  }
  return blocks.flat()
}

function certificatesIn(text: string): readonly string[] {
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    for (const certificate of found) void new X509Certificate(certificate)
    return found
  } catch {
    return []
  }
}

function headersOf(check: OptionCheck, value: NetworkOptions['headers']): Network['headers'] {
  if (value === undefined) return DIRECT.headers
  if (typeof value !== 'function') {
    const fault = faultOf(value)
    if (fault !== undefined) check.refuse('network.headers', fault, value)
    return () => value
  }
  return async () => {
    const headers = await value()
    const fault = faultOf(headers)
    if (fault !== undefined) throw new FetchError(`network.headers() must ${fault}`)
    return headers
  }
}

/** Without any value: these are credentials. */
function faultOf(headers: unknown): string | undefined {
  if (!isRecord(headers)) return 'be an object of names and values, or a function that returns one'
  for (const [name, value] of Object.entries(headers)) {
    if (OUR_HEADERS.test(name)) return `leave out ${name}, which frames the request`
    try {
      validateHeaderName(name)
      if (typeof value !== 'string') return `have a string as ${name}`
      validateHeaderValue(name, value)
    } catch {
      return 'hold valid names and values of headers (RFC 9110 §5)'
    }
  }
  return undefined
}

function proxyOf(check: OptionCheck, value: unknown): Network['proxy'] {
  if (value === undefined || value === false) return value
  const text = value instanceof URL ? value.href : value
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    // It may hold a password.
    return check.refuse(
      'network.proxy',
      'be an http or https URL, or false',
      new Untold('another value'),
    )
  }
  return url
}
