import { lookup as systemLookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { FetchError } from './fetch-error.js'

/**
 * Link-local and cloud metadata addresses, also in the notations that wrap an IPv4 address (NAT64,
 * 6to4, IPv4-compatible): no issuer lives there, and an SSRF would aim there. IPv4-mapped addresses
 * match the IPv4 rules by themselves.
 */
const FORBIDDEN = new BlockList()
FORBIDDEN.addSubnet('0.0.0.0', 8)
FORBIDDEN.addSubnet('169.254.0.0', 16)
FORBIDDEN.addAddress('100.100.100.200')
FORBIDDEN.addAddress('::', 'ipv6')
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6')
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6')
for (const prefix of ['::', '64:ff9b::']) {
  FORBIDDEN.addSubnet(`${prefix}7f00:0`, 104, 'ipv6')
  FORBIDDEN.addSubnet(`${prefix}a9fe:0`, 112, 'ipv6')
}
FORBIDDEN.addSubnet('2002:7f00::', 24, 'ipv6')
FORBIDDEN.addSubnet('2002:a9fe::', 32, 'ipv6')

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8)
LOOPBACK.addAddress('::1', 'ipv6')

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
  return isIP(host) === 0
    ? host === 'localhost' || host.endsWith('.localhost')
    : includes(LOOPBACK, host)
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
  if (includes(FORBIDDEN, address)) {
    return `${url.host} is at ${address}, which is link-local or a metadata service`
  }
  const loopback = includes(LOOPBACK, address)
  if (loopback && !allowLoopback) {
    return `${url.host} is at ${address}, which is this machine, as the configured issuer is not`
  }
  return loopback || url.protocol === 'https:'
    ? undefined
    : `${url.host} is at ${address}: plain http is for loopback only`
}

function includes(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

function bareAddress(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}
