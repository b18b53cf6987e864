import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { OptionCheck } from '../../core/options/option-check.js'
import { deriveKeys, type Secret } from './secrets.js'

/** Encrypts what a browser keeps for us, so that a stolen profile or a logged header holds no token. */
export interface Seal {
  seal(text: string): string
  /** Undefined for what was not sealed here, or was changed since. */
  open(sealed: string): string | undefined
}

const ALGORITHM = 'aes-256-gcm'
const VERSION = 'v1.'
const IV_BYTES = 12
const TAG_BYTES = 16

/** A seal is good for one cookie: a value that is sealed for one name does not open under another. */
export function createSeal(
  check: OptionCheck,
  option: string,
  secrets: readonly Secret[],
  cookieName: string,
): Seal {
  const keys = deriveKeys(check, option, secrets, `cookie/v1/${cookieName}`)
  return {
    seal(text) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv(ALGORITHM, keys[0], iv)
      const parts = [iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return VERSION + Buffer.concat(parts).toString('base64url')
    },
    open(sealed) {
      if (!sealed.startsWith(VERSION)) return undefined
      const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url')
      if (bytes.length < IV_BYTES + TAG_BYTES) return undefined
      for (const key of keys) {
        const text = decrypt(key, bytes)
        if (text !== undefined) return text
      }
      return undefined
    },
  }
}

function decrypt(key: Buffer, bytes: Buffer): string | undefined {
  const tagStart = bytes.length - TAG_BYTES
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAuthTag(bytes.subarray(tagStart))
  const text = decipher.update(bytes.subarray(IV_BYTES, tagStart))
  try {
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
