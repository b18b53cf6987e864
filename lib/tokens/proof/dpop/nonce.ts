import { createHmac, timingSafeEqual } from 'node:crypto'

/** Nonces of ours that no process need remember (RFC 9449 §8, §9): a time, and an HMAC over it. */
export interface Nonces {
  issue(now: number): string
  /** How old a nonce is, in seconds; undefined for one that is not ours, or not valid now. */
  ageOf(nonce: string, now: number): number | undefined
}

const TIME_BYTES = 6
const MAC_BYTES = 16
/** 22 bytes. */
const NONCE = /^[A-Za-z0-9_-]{30}$/

/**
 * @param keys Newest first: the first makes, all of them check. Processes with the same keys take each
 *   other's nonces.
 */
export function createNonces(
  keys: readonly [Buffer, ...Buffer[]],
  { maxAgeSeconds, toleranceSeconds }: { maxAgeSeconds: number; toleranceSeconds: number },
): Nonces {
  return {
    issue(now) {
      const time = Buffer.alloc(TIME_BYTES)
      time.writeUIntBE(Math.max(0, Math.floor(now)), 0, TIME_BYTES)
      return Buffer.concat([time, macOf(keys[0], time)]).toString('base64url')
    },
    ageOf(nonce, now) {
      if (!NONCE.test(nonce)) return undefined
      const bytes = Buffer.from(nonce, 'base64url')
      const time = bytes.subarray(0, TIME_BYTES)
      const mac = bytes.subarray(TIME_BYTES)
      if (!keys.some((key) => timingSafeEqual(macOf(key, time), mac))) return undefined
      const age = now - time.readUIntBE(0, TIME_BYTES)
      // By clocks of other processes it may be a little younger than nothing.
      return age >= -toleranceSeconds && age <= maxAgeSeconds ? age : undefined
    },
  }
}

function macOf(key: Buffer, time: Buffer): Buffer {
  return createHmac('sha256', key).update(time).digest().subarray(0, MAC_BYTES)
}
