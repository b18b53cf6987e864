import { lookup as systemLookup, type LookupAddress, type LookupAllOptions } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { isLoopbackAddress } from '../../core/loopback.js'
import { isForbidden } from './addresses.js'
import { bareAddress, isLoopbackHostname, mayBeThisMachine, type Allowance } from './allowance.js'
import { isPublic } from './public-addresses.js'
import { FetchError } from '../fetch-error.js'

/** As `dns.lookup`, all addresses of a name. */
export type ResolveAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * Throws for a URL that would never be fetched, so that it can be refused when it is configured.
 * The URL parser has already turned decimal, hexadecimal and octal hosts into plain addresses.
 */
export function ensureFetchable(url: URL, allowance: Allowance): void {
  const { hostname, host, protocol } = url
  const address = bareAddress(hostname)
  // Before plain http, which some option would allow.
  if (isIP(address) !== 0 && isForbidden(address)) throw new FetchError(forbidden(url, address))
  const loopback = isLoopbackHostname(hostname)
  if (loopback && !mayBeThisMachine(hostname, allowance)) {
    throw new FetchError(allowance.publicOnly ? notPublic(host) : thisMachine(url))
  }
  const local = loopback || (!allowance.publicOnly && allowance.loopback.has(hostname))
  if (protocol !== 'https:' && !(protocol === 'http:' && (local || allowance.http.has(hostname)))) {
    throw new FetchError(notHttps(url))
  }
  if (url.username !== '' || url.password !== '') {
    throw new FetchError(`The URL at ${host} carries credentials`)
  }
  const objection = isIP(address) === 0 ? undefined : objectionTo(address, url, allowance)
  if (objection !== undefined) throw new FetchError(objection)
}

/**
 * Resolves like the system, but yields only addresses that `url` may be fetched from. It is the
 * socket's own look-up, so that DNS cannot change its mind between a check and the dialling.
 */
export function guardedLookup(
  url: URL,
  allowance: Allowance,
  resolve: ResolveAll = systemLookup,
): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, [])
      const objections = addresses.map(({ address }) => objectionTo(address, url, allowance))
      const allowed = addresses.filter((_, index) => objections[index] === undefined)
      const [first] = allowed
      if (first === undefined) callback(new FetchError(objections[0] ?? 'No address'), [])
      else if (options.all === true) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
}

/** Why `url` must not be fetched from `address`; undefined where it may. */
function objectionTo(address: string, url: URL, allowance: Allowance): string | undefined {
  if (isForbidden(address)) return forbidden(url, address)
  if (allowance.publicOnly && !isPublic(address)) return notPublic(`${url.host} (${address})`)
  const loopback = isLoopbackAddress(address)
  if (loopback && !mayBeThisMachine(url.hostname, allowance)) return thisMachine(url, address)
  return loopback || url.protocol === 'https:' || allowance.http.has(url.hostname)
    ? undefined
    : `${url.host} is at ${address}, and ${notHttps(url)}`
}

function forbidden({ host }: URL, address: string): string {
  return `${host} is at ${address}, which is link-local, a metadata service or no single machine`
}

function notPublic(place: string): string {
  return `${place} is not of the public net, and "issuers" has forbidPrivateNetworks`
}

function thisMachine({ host, hostname }: URL, address?: string): string {
  const place = address === undefined ? host : `${host} (${address})`
  return `${place} is this machine, but the configured issuer is not. Where that is meant, name the host: ${named('allowLoopback', hostname)}`
}

function notHttps({ protocol, host, hostname }: URL): string {
  const fault = `${protocol}//${host} is not https`
  return protocol === 'http:'
    ? `${fault}. Where nobody else can listen in between, name the host: ${named('dangerouslyAllowHttp', hostname)}`
    : fault
}

function named(option: 'allowLoopback' | 'dangerouslyAllowHttp', hostname: string): string {
  return `network: { ${option}: [${JSON.stringify(hostname)}] }`
}
