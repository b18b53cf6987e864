import { BlockList, isIP } from 'node:net'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8)
LOOPBACK.addAddress('::1', 'ipv6')

/** IPv4-mapped addresses too: a `BlockList` takes them for the IPv4 address that they are. */
export function isLoopbackAddress(address: string): boolean {
  const [plain = ''] = address.split('%', 1)
  const version = isIP(plain)
  return version !== 0 && LOOPBACK.check(plain, version === 6 ? 'ipv6' : 'ipv4')
}

/**
 * A name or address, without brackets and port, that leads to the machine itself by what it says.
 * Browsers treat it as trustworthy even over plain http. Other names may lead there too, by DNS.
 */
export function isLoopbackName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || isLoopbackAddress(name)
}
