import { createHash } from 'node:crypto'
import { expect, it } from '@jest/globals'
import { sha256 } from '../../lib/core/sha256.js'

// FIPS 180-4, by the examples of NIST: stores hold what an earlier version wrote.
it.each([
  ['', '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'],
  ['abc', 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0'],
])('of "%s" is %s', (text, digest) => {
  expect(sha256(text)).toBe(digest)
  expect(sha256(Buffer.from(text))).toBe(digest)
})

it.each(['ü', 'a\0b', '\ud800', '\u{1f600}', 'x'.repeat(100_000)])(
  'is that of the bytes in UTF-8, as before: %j',
  (text) => {
    expect(sha256(text)).toBe(createHash('sha256').update(text).digest('base64url'))
  },
)
