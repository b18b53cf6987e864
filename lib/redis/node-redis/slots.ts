const SLOTS = 16_384

/** The slot of a key: of what stands in its first braces, where something does. */
export function slotOf(key: string): number {
  const open = key.indexOf('{')
  const close = key.indexOf('}', open + 1)
  const hashed = open >= 0 && close > open + 1 ? key.slice(open + 1, close) : key
  return crc16(Buffer.from(hashed)) % SLOTS
}

/** CRC-16/XMODEM, which the Cluster specification names. */
function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit += 1) {
      crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff
    }
  }
  return crc
}

/** The first key of a command, as far as we send any. */
export function firstKey(command: string, args: readonly unknown[]): string | undefined {
  switch (command.toLowerCase()) {
    case 'eval':
    case 'evalsha':
      return Number(args[1]) > 0 ? String(args[2]) : undefined
    case 'xread':
      return String(args[args.findIndex((arg) => String(arg).toLowerCase() === 'streams') + 1])
    default:
      return args.length > 0 ? String(args[0]) : undefined
  }
}
