const SEQUENCE = 0x30
const INTEGER = 0x02
/** A longer length is written with one byte before it that says so. */
const MAX_SHORT_LENGTH = 0x7f
const LENGTH_IN_ONE_BYTE = 0x81

/**
 * The DER form (X.690) of a JWS signature by an elliptic curve, `r` and `s` side by side (RFC 7518
 * §3.4). OpenSSL takes no other form, and Node's own conversion is slow, because the key must then come
 * among options (docs/performance.md).
 */
export function derOfEcdsa(signature: Buffer): Buffer {
  const half = signature.length / 2
  const r = integer(signature.subarray(0, half))
  const s = integer(signature.subarray(half))
  const length = r.length + s.length
  const prefix = length > MAX_SHORT_LENGTH ? [SEQUENCE, LENGTH_IN_ONE_BYTE] : [SEQUENCE]
  return Buffer.concat([Buffer.from([...prefix, length]), r, s])
}

/** The shortest form, which alone is DER: no zeros in front but one that keeps the number positive. */
function integer(bytes: Buffer): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1
  const digits = bytes.subarray(start)
  const sign = digits[0]! > 0x7f ? [0] : []
  return Buffer.concat([Buffer.from([INTEGER, digits.length + sign.length, ...sign]), digits])
}
