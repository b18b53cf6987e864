const FIELD = 2n ** 255n - 19n
/** The second coordinate of the four points of order 8 (two of them have its negative). */
const OF_ORDER_8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n
const SMALL: ReadonlySet<bigint> = new Set([0n, 1n, FIELD - 1n, OF_ORDER_8, FIELD - OF_ORDER_8])
const SIGN_BIT = 2n ** 255n

/**
 * Whether an Ed25519 public key is one of the eight points whose order divides 8: for that key anybody
 * can make a signature that verifies. A key of zeroes, which nobody filled in, is one of them.
 */
export function isSmallOrderKey(publicKey: Uint8Array): boolean {
  const littleEndian = Buffer.from(publicKey).toReversed()
  const encoded = BigInt(`0x${Buffer.from(littleEndian).toString('hex')}`)
  // The top bit says which of two points it is, and a number above the field is another spelling.
  return SMALL.has((encoded % SIGN_BIT) % FIELD)
}
