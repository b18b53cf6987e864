import type { IncomingMessage } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { embeddedIpv4, ipv6Groups } from '../../core/ip-address.js'
import { sha256 } from '../../core/sha256.js'

/** A request that Node's parser did not make may have none. */
export function socketOf(req: Partial<Pick<IncomingMessage, 'socket'>>): Socket | undefined {
  return req.socket
}

/** Express's `req.ip` heeds `trust proxy`; elsewhere it is whoever connected. */
export function addressOf(req: IncomingMessage & { readonly ip?: string | undefined }): string {
  return req.ip ?? socketOf(req)?.remoteAddress ?? ''
}

/** More than any address has, with a port or a zone that a proxy may add. */
const MAX_CHARS = 64

/**
 * What one household or server has: an IPv4 address, or the first 56 bits of an IPv6 address. An
 * attacker with IPv6 has a fresh address for every attempt, so that counting addresses counts nothing.
 *
 * An IPv6 address that stands for an IPv4 one is that one. All clients behind a NAT64 would else be
 * one network, as all behind a Teredo server; and one client that has 6to4 would be 256.
 */
export function networkOf(address: string): string {
  const bare = withoutPort(address)
  const groups = ipv6Groups(bare)
  if (groups === undefined) return ofItsOwn(bare)
  const [a = 0, b = 0, c = 0, d = 0] = groups
  return (
    embeddedIpv4(bare) ??
    [a, b, c, d & 0xff00].map((group) => group.toString(16)).join(':') + '::/56'
  )
}

/** Whether it is an IP address at all, be it with a port: what Express calls `ip` may be any text of a proxy. */
export function isAddress(address: string): boolean {
  return isIP(withoutPort(address)) !== 0
}

const WITH_PORT = /^(?:\[([\w:.%]+)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/

/** Some proxies write the port of each connection beside the address: each would be a network of its own. */
function withoutPort(address: string): string {
  if (address.length > MAX_CHARS) return address
  const [, ipv6, ipv4] = WITH_PORT.exec(address) ?? []
  return ipv6 ?? ipv4 ?? address
}

/**
 * Where all proxies are trusted, an address is whatever a client writes. It is cut from a header, and
 * as long as it is kept, a mere part would keep all of that header in memory.
 */
function ofItsOwn(address: string): string {
  if (address.length > MAX_CHARS) return sha256(address)
  const [plain = ''] = address.toLowerCase().split('%', 1)
  return Buffer.from(plain).toString()
}
