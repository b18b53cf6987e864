import { hash } from 'node:crypto'

/** SHA-256 of bytes, or of a text in UTF-8, in base64url: what names a value that must not be kept. */
export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data, 'base64url')
}
