import { BlockList, isIP } from 'node:net'
import { embeddedIpv4, ipv6Groups } from '../../core/ip-address.js'
import { isLoopbackAddress } from '../../core/loopback.js'

/** No issuer lives there, and an SSRF would aim there, or reach more than one machine. */
const FORBIDDEN = new BlockList()
FORBIDDEN.addSubnet('0.0.0.0', 8)
FORBIDDEN.addSubnet('169.254.0.0', 16)
FORBIDDEN.addSubnet('224.0.0.0', 4)
FORBIDDEN.addAddress('255.255.255.255')
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6')
FORBIDDEN.addSubnet('fec0::', 10, 'ipv6')
FORBIDDEN.addSubnet('ff00::', 8, 'ipv6')
// Metadata services that are not link-local: Alibaba, Azure, Oracle, EC2, Google.
for (const address of ['100.100.100.200', '168.63.129.16', '192.0.0.192']) {
  FORBIDDEN.addAddress(address)
}
for (const address of ['::', 'fd00:ec2::254', 'fd20:ce::254']) FORBIDDEN.addAddress(address, 'ipv6')

export function isForbidden(address: string): boolean {
  if (isLoopbackAddress(address)) return false
  return (
    includes(FORBIDDEN, address) ||
    // A translator or tunnel that leads to a loopback address leads to its own end.
    innerIpv4(address).some((inner) => includes(FORBIDDEN, inner) || isLoopbackAddress(inner))
  )
}

/** The IPv4 addresses that an IPv6 one may lead to, in whatever notation. */
function innerIpv4(address: string): readonly string[] {
  const groups = ipv6Groups(address)
  if (groups === undefined) return []
  const bytes = groups.flatMap((group) => [group >> 8, group & 0xff])
  if (groups.slice(0, 6).every((group) => group === 0)) return [dotted(bytes, IPV4_AT.at(-1)!)]
  if (groups[0] === 0x64 && groups[1] === 0xff9b && groups[2] === 1) {
    // Where the network's prefix is short, the bytes of a longer one are zero, and lead nowhere.
    const led = IPV4_AT.map((at) => dotted(bytes, at)).filter((inner) => !inner.startsWith('0.'))
    return led.length === 0 ? ['0.0.0.0'] : led
  }
  const embedded = embeddedIpv4(address)
  return embedded === undefined ? [] : [embedded]
}

/**
 * The bytes that hold the IPv4 address behind a translator, by the length of its prefix: 48, 56, 64 or
 * 96 bits (RFC 6052 §2.2). Each may be used within 64:ff9b:1::/48 (RFC 8215), and none says which.
 */
const IPV4_AT = [
  [6, 7, 9, 10],
  [7, 9, 10, 11],
  [9, 10, 11, 12],
  [12, 13, 14, 15],
] as const

function dotted(bytes: readonly number[], at: readonly number[]): string {
  return at.map((index) => bytes[index]).join('.')
}

function includes(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
