import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { decodeText, isBase64url } from '../../../lib/tokens/jwt/base64url.js'
import { encode } from '../../support/forge.js'
import { FUZZ_RUNS } from '../../support/runs.js'

/** Of base64url, of base64, what decoders pass over, and what they cut down to a letter. */
const characters = fc.constantFrom(
  ...Array.from('ABCDEQgwIMYcko048z19-_+/=. \t\n\u00C1\u0141\u2041'),
)
const segments = fc.string({ unit: characters, maxLength: 24 })
const bytes = fc.uint8Array({ maxLength: 64 })

describe('isBase64url (7515-11)', () => {
  it('takes what decodes and encodes again to itself, and nothing else', () => {
    const property = fc.property(segments, (segment) => {
      const again = Buffer.from(segment, 'base64url').toString('base64url')
      expect(isBase64url(segment)).toBe(segment !== '' && again === segment)
    })
    fc.assert(property, { numRuns: FUZZ_RUNS * 10 })
  })

  it('takes all that is encoded', () => {
    const property = fc.property(bytes, (value) => {
      const segment = Buffer.from(value).toString('base64url')
      expect(isBase64url(segment)).toBe(value.length > 0)
    })
    fc.assert(property, { numRuns: FUZZ_RUNS })
  })
})

describe('decodeText', () => {
  it('gives the text, whatever was decoded before it', () => {
    const property = fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
      decodeText(encode('a longer text than any other here, to be overwritten'.repeat(9)))
      expect(decodeText(encode(text))).toBe(Buffer.from(text).toString())
    })
    fc.assert(property, { numRuns: FUZZ_RUNS })
  })

  it('takes the replacement character for what it is, and no bytes that are not UTF-8', () => {
    expect(decodeText(encode('a\uFFFD'))).toBe('a\uFFFD')
    for (const bad of [[0xff], [0xc3], [0x61, 0x80], [0xed, 0xa0, 0x80], [0xc0, 0xaf]]) {
      expect(decodeText(encode(Uint8Array.from(bad)))).toBeUndefined()
    }
  })

  it('takes the replacement character though bytes of a longer one before were not UTF-8', () => {
    expect(decodeText(encode(Buffer.alloc(100, 0xff)))).toBeUndefined()
    expect(decodeText(encode('a\uFFFD'))).toBe('a\uFFFD')
  })

  it('gives nothing for what is not canonical, or too long to be decoded whole', () => {
    for (const bad of ['', 'ex', 'e', 'ey J']) expect(decodeText(bad)).toBe('')
    expect(decodeText(encode('a'.repeat(65_536)))).toHaveLength(65_536)
    expect(decodeText(encode('a'.repeat(65_537)))).toBe('')
  })
})
