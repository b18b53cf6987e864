import { createHash } from 'node:crypto'

/** Longer ids are kept as digests: the issuer chooses their length, and stores count entries. */
export const MAX_PLAIN_ID = 64

const DIGEST_MARK = '~'

/** In the place of an id. No id that is kept as it is may begin like it. */
export function idDigest(id: string): string {
  return DIGEST_MARK + digest(id)
}

/** An id as it is where it is short, and cannot be taken for the digest of another. */
export function compactId(id: string): string {
  return id.length > MAX_PLAIN_ID || id.startsWith(DIGEST_MARK) ? idDigest(id) : id
}

/** Over UTF-16, because as UTF-8 all ids with a lone surrogate in the same place are one. */
export function digest(value: string): string {
  return createHash('sha256').update(value, 'utf16le').digest('base64url')
}
