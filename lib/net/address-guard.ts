import { lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { isForbidden, isLoopback } from './addresses.js'
import { FetchError } from './fetch-error.js'

/**
 * Throws for a URL that would never be fetched, so that it can be refused when it is configured.
 * The URL parser has already turned decimal, hexadecimal and octal hosts into plain addresses.
 */
export function assertFetchable(url: URL, allowLoopback: boolean): void {
  const loopback = isLoopbackHost(url.hostname)
  if (loopback && !allowLoopback) {
    throw new FetchError(`${url.host} is this machine, but the configured issuer is not`)
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) {
    throw new FetchError(`${url.protocol}//${url.host} is not https (plain http: loopback only)`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new FetchError(`The URL at ${url.host} carries credentials`)
  }
  const address = bareAddress(url.hostname)
  const objection = isIP(address) === 0 ? undefined : objectionTo(address, url, allowLoopback)
  if (objection !== undefined) throw new FetchError(objection)
}

export function isLoopbackHost(hostname: string): boolean {
  const host = bareAddress(hostname)
  return isIP(host) === 0 ? host === 'localhost' || host.endsWith('.localhost') : isLoopback(host)
}

/**
 * Resolves like the system, but yields only addresses that `url` may be fetched from. It is the
 * socket's own look-up, so that DNS cannot change its mind between a check and the dialling.
 */
export function guardedLookup(url: URL, allowLoopback: boolean): LookupFunction {
  return (hostname, options, callback) => {
    systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, [])
      const objections = addresses.map(({ address }) => objectionTo(address, url, allowLoopback))
      const allowed = addresses.filter((_, index) => objections[index] === undefined)
      const [first] = allowed
      if (first === undefined) callback(new FetchError(objections[0] ?? 'No address'), [])
      else if (options.all === true) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
}

/** Why `url` must not be fetched from `address`; undefined where it may. */
function objectionTo(address: string, url: URL, allowLoopback: boolean): string | undefined {
  if (isForbidden(address)) {
    return `${url.host} is at ${address}, which is link-local, a metadata service or no single machine`
  }
  const loopback = isLoopback(address)
  if (loopback && !allowLoopback) {
    return `${url.host} is at ${address}, which is this machine, as the configured issuer is not`
  }
  return loopback || url.protocol === 'https:'
    ? undefined
    : `${url.host} is at ${address}: plain http is for loopback only`
}

function bareAddress(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}
