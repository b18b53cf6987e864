import { BlockList, isIP } from 'node:net'
import { embeddedIpv4, ipv6Groups } from '../../core/ip-address.js'
import { isForbidden } from './addresses.js'

/** IPv4 blocks that lead to no machine of the public net (IANA's registry of special purposes, RFC 6890). */
const NOT_PUBLIC = new BlockList()
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['240.0.0.0', 4],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix)
}

/** Within 2000::/3, which is all that is assigned for the public net: documentation, benchmarks, segment ids. */
const NOT_PUBLIC_6 = new BlockList()
for (const [network, prefix] of [
  ['2001:2::', 48],
  ['2001:10::', 28],
  ['2001:20::', 28],
  ['2001:db8::', 32],
  ['3fff::', 20],
] as const) {
  NOT_PUBLIC_6.addSubnet(network, prefix, 'ipv6')
}

/** Whether an address is of the public net, by what is known of it: all else is taken for private. */
export function isPublic(address: string): boolean {
  if (isForbidden(address)) return false
  if (isIP(address) === 4) return !NOT_PUBLIC.check(address)
  const groups = ipv6Groups(address)
  if (groups === undefined) return false
  // A network of its own chose where the IPv4 address stands, and what is behind it (RFC 8215).
  if (groups[0] === 0x64 && groups[1] === 0xff9b && groups[2] === 1) return false
  const embedded = embeddedIpv4(address)
  if (embedded !== undefined) return isPublic(embedded)
  return (groups[0]! & 0xe000) === 0x2000 && !NOT_PUBLIC_6.check(address, 'ipv6')
}
