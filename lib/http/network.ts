import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'

/** Express's `req.ip` heeds `trust proxy`; elsewhere it is whoever connected. */
export function addressOf(req: IncomingMessage & { readonly ip?: string | undefined }): string {
  return req.ip ?? req.socket.remoteAddress ?? ''
}

/**
 * What one household or server has: an IPv4 address, or the first 56 bits of an IPv6 address. An
 * attacker with IPv6 has a fresh address for every attempt, so that counting addresses counts nothing.
 */
export function networkOf(address: string): string {
  const [plain = ''] = address.toLowerCase().split('%')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(plain)) return plain
  const [head = '', tail = ''] = plain.split('::')
  const front = head.split(':').filter((group) => group !== '')
  const back = tail.split(':').filter((group) => group !== '')
  const gap = plain.includes('::') ? Math.max(0, 8 - front.length - back.length) : 0
  const groups = [...front, ...Array<string>(gap).fill('0'), ...back]
  const [a = 0, b = 0, c = 0, d = 0] = groups.map((group) => Number.parseInt(group, 16))
  return [a, b, c, d & 0xff00].map((group) => group.toString(16)).join(':') + '::/56'
}
