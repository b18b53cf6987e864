import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { OptionCheck } from '../../core/options/option-check.js'
import { deriveKeys, type Secret } from './secrets.js'

/**
 * Tokens that prove knowledge of a page of one session: `v1.<16 random bytes>.<HMAC>`. The HMAC is
 * over the session, never over a cookie: whoever plants, overflows or duplicates cookies gains
 * nothing. Each issue is fresh, so that compression cannot leak a token byte by byte (BREACH).
 */
export interface CsrfTokens {
  issue(binding: string): string
  verify(token: string, binding: string): boolean
}

const RANDOM_BYTES = 16

/** 22 and 43 characters are 16 and 32 bytes. */
const TOKEN = /^v1\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/

/** Secrets are listed newest first: the first signs, all of them verify, so that they can be rotated. */
export function createCsrfTokens(check: OptionCheck, secrets: readonly Secret[]): CsrfTokens {
  const keys = deriveKeys(check, 'token.secrets', secrets, 'csrf/v1')

  return {
    issue(binding) {
      const random = randomBytes(RANDOM_BYTES)
      const mac = macOf(keys[0], binding, random)
      return `v1.${random.toString('base64url')}.${mac.toString('base64url')}`
    },
    verify(token, binding) {
      if (!TOKEN.test(token)) return false
      const [, random = '', mac = ''] = token.split('.')
      const randomBuffer = Buffer.from(random, 'base64url')
      const received = Buffer.from(mac, 'base64url')
      return keys.some((key) => timingSafeEqual(macOf(key, binding, randomBuffer), received))
    },
  }
}

/** The length comes first: no session and random bytes run together like those of another session. */
function macOf(key: Buffer, binding: string, random: Buffer): Buffer {
  const length = `${Buffer.byteLength(binding)}|`
  return createHmac('sha256', key).update(length).update(binding).update(random).digest()
}
