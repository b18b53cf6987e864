/** The eight groups of an IPv6 address that `net.isIPv6` takes, its zone left out. */
export function ipv6Groups(address: string): readonly number[] {
  const [plain = ''] = address.split('%')
  const [head = '', tail] = plain.split('::')
  const front = groupsOf(head)
  const back = groupsOf(tail ?? '')
  const gap = Array<number>(Math.max(0, 8 - front.length - back.length)).fill(0)
  return tail === undefined ? front : [...front, ...gap, ...back]
}

function groupsOf(text: string): readonly number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [a * 256 + b, c * 256 + d]
  })
}

/**
 * The IPv4 address that stands for the same machine as an IPv6 one: mapped (RFC 4291 §2.5.5.2),
 * translated (RFC 2765 §2.1, RFC 6052 §2.1), of a 6to4 site (RFC 3056 §2) or a Teredo client (RFC
 * 4380 §4). Undefined for native addresses.
 */
export function embeddedIpv4(groups: readonly number[]): string | undefined {
  const [a, b, c, d, e, f, g = 0, h = 0] = groups
  if (a === 0x2002) return dotted(b ?? 0, c ?? 0)
  // Teredo inverts the bits of its client's address, so that no translator rewrites them.
  if (a === 0x2001 && b === 0) return dotted(g ^ 0xffff, h ^ 0xffff)
  const prefix = [a, b, c, d, e, f].map((group = 0) => group.toString(16)).join(':')
  return IPV4_PREFIXES.has(prefix) ? dotted(g, h) : undefined
}

const IPV4_PREFIXES: ReadonlySet<string> = new Set([
  '0:0:0:0:0:ffff',
  '0:0:0:0:ffff:0',
  '64:ff9b:0:0:0:0',
])

function dotted(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
}
