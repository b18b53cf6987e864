import { hkdfSync } from 'node:crypto'
import type { OptionCheck } from '../../core/options/option-check.js'

export type Secret = string | Uint8Array

const MIN_SECRET_BYTES = 32

/**
 * Keys for one purpose out of secrets that an app may use for others too, in the same order: newest
 * first, so that the first one makes and all of them check.
 *
 * @throws TypeError for none, or one that is shorter than the keys made of it.
 */
export function deriveKeys(
  check: OptionCheck,
  option: string,
  secrets: readonly Secret[],
  purpose: string,
): readonly [Buffer, ...Buffer[]] {
  const list: readonly unknown[] = Array.isArray(secrets) ? secrets : []
  const [first, ...others] = list.map((secret) => deriveKey(check, option, secret, purpose))
  if (first === undefined) {
    return check.refuse(option, 'be a list of secrets, newest first', typeof secrets)
  }
  return [first, ...others]
}

function deriveKey(check: OptionCheck, option: string, secret: unknown, purpose: string): Buffer {
  const isSecret = typeof secret === 'string' || secret instanceof Uint8Array
  if (!isSecret || Buffer.byteLength(secret) < MIN_SECRET_BYTES) {
    return check.refuse(
      option,
      `hold strings or bytes of at least ${MIN_SECRET_BYTES} bytes each`,
      isSecret ? 'a shorter one' : typeof secret,
    )
  }
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, 32))
}
