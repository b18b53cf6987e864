import { isIPv4, isIPv6 } from 'node:net'

/**
 * The IPv4 address that an IPv6 address stands for, whichever way it is written, or undefined where
 * it stands for none. One address in two spellings must not pass for two.
 */
export function embeddedIpv4(address: string): string | undefined {
  const groups = ipv6Groups(address)
  if (groups === undefined) return undefined
  const notation = NOTATIONS.find(({ prefix }) => prefix.every((group, at) => groups[at] === group))
  return notation?.read(groups)
}

/** The eight groups of an IPv6 address, without its zone, or undefined for what is none. */
export function ipv6Groups(address: string): readonly number[] | undefined {
  const [plain = ''] = address.split('%', 1)
  if (!isIPv6(plain)) return undefined
  const [head = '', tail] = plain.split('::')
  const front = groupsOf(head)
  if (tail === undefined) return front
  const back = groupsOf(tail)
  return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back]
}

function groupsOf(part: string): number[] {
  if (part === '') return []
  return part.split(':').flatMap((group) => {
    if (!isIPv4(group)) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [a * 256 + b, c * 256 + d]
  })
}

interface Notation {
  readonly prefix: readonly number[]
  readonly read: (groups: readonly number[]) => string | undefined
}

const NOTATIONS: readonly Notation[] = [
  // IPv4-mapped (RFC 4291 §2.5.5.2).
  { prefix: [0, 0, 0, 0, 0, 0xffff], read: (groups) => dotted(groups[6], groups[7]) },
  // SIIT (RFC 2765 §2.1).
  { prefix: [0, 0, 0, 0, 0xffff, 0], read: (groups) => dotted(groups[6], groups[7]) },
  // NAT64 (RFC 6052 §2.1).
  { prefix: [0x64, 0xff9b, 0, 0, 0, 0], read: (groups) => dotted(groups[6], groups[7]) },
  // NAT64 of a network's own (RFC 8215).
  { prefix: [0x64, 0xff9b, 1], read: readLocalNat64 },
  // 6to4 (RFC 3056 §2).
  { prefix: [0x2002], read: (groups) => dotted(groups[1], groups[2]) },
  // Teredo (RFC 4380 §4): the client's address, with every bit inverted.
  { prefix: [0x2001, 0], read: (groups) => dotted(inverted(groups[6]), inverted(groups[7])) },
  // IPv4-compatible (RFC 4291 §2.5.5.1). `::` and `::1` are addresses of their own.
  { prefix: [0, 0, 0, 0, 0, 0], read: readCompatible },
]

/**
 * Within this /48 a network chooses where the address stands (RFC 6052 §2.2): behind 48 bits, around
 * the octet that is kept zero, or, where that place is empty, behind 96 bits. Behind 64 bits and
 * behind 56 it cannot be told apart from these.
 */
function readLocalNat64(groups: readonly number[]): string {
  const [, , , high = 0, middle = 0, low = 0] = groups
  const isBehind48 = middle >> 8 === 0 && (high !== 0 || (middle & 0xff) !== 0 || low !== 0)
  if (isBehind48 && groups[6] === 0 && groups[7] === 0) {
    return dotted(high, ((middle & 0xff) << 8) | (low >> 8))
  }
  return dotted(groups[6], groups[7])
}

function readCompatible(groups: readonly number[]): string | undefined {
  return groups[6] === 0 && (groups[7] ?? 0) <= 1 ? undefined : dotted(groups[6], groups[7])
}

function inverted(group = 0): number {
  return group ^ 0xffff
}

function dotted(high = 0, low = 0): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
}
