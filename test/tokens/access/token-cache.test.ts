import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { CachedCredential, TokenCache } from '../../../lib/tokens/access/token-cache.js'
import { FUZZ_RUNS } from '../../support/runs.js'

const MIB = 1_048_576
const roomy = { maxEntries: 100, maxBytes: MIB }
const tail = 'x'.repeat(32)
const entry = (credentialText: string): CachedCredential => new CachedCredential(credentialText)

describe('TokenCache', () => {
  it('finds what was put in, by the whole text and not by its tail', () => {
    const cache = new TokenCache(roomy)
    const good = entry(`Bearer good${tail}`)
    cache.set(good)
    expect(cache.get(`Bearer good${tail}`)).toBe(good)
    expect(cache.get(`Bearer forged${tail}`)).toBeUndefined()
    expect(cache.get(tail)).toBeUndefined()
  })

  it('is not disturbed by texts that share a tail', () => {
    const cache = new TokenCache(roomy)
    cache.set(entry(`a${tail}`))
    const later = entry(`b${tail}`)
    cache.set(later)
    expect(cache.get(`a${tail}`)).toBeUndefined()
    expect(cache.get(`b${tail}`)).toBe(later)
  })

  it('keeps the others however often two spellings of one token take turns', () => {
    const cache = new TokenCache(roomy)
    cache.set(entry('another'))
    for (let turn = 0; turn < 5000; turn += 1) {
      cache.set(entry(`Bearer ${tail}`))
      cache.set(entry(`bearer ${tail}`))
      cache.delete(`bearer ${tail}`)
    }
    expect(cache.get('another')).toBeDefined()
  })

  it('forgets what is deleted', () => {
    const cache = new TokenCache(roomy)
    cache.set(entry(`a${tail}`))
    cache.delete(`a${tail}`)
    expect(cache.get(`a${tail}`)).toBeUndefined()
  })

  it('keeps what is used and drops what is not, once it is full', () => {
    const cache = new TokenCache({ maxEntries: 100, maxBytes: MIB })
    cache.set(entry('used'))
    cache.set(entry('unused'))
    for (let index = 0; index < 1000; index += 1) {
      cache.set(entry(`filler-${index}`))
      expect(cache.get('used')).toBeDefined()
    }
    expect(cache.get('unused')).toBeUndefined()
  })

  it('counts a byte for each character, 1500 for the rest and what is held besides, and takes no entry over half of its bytes', () => {
    const cache = new TokenCache({ maxEntries: 100, maxBytes: 2 * (100 + 1500) })
    cache.set(entry('a'.repeat(100)))
    cache.set(entry('b'.repeat(101)))
    cache.set(new CachedCredential('c'.repeat(90), 10))
    cache.set(new CachedCredential('d'.repeat(90), 11))
    const held = ['a'.repeat(100), 'b'.repeat(101), 'c'.repeat(90), 'd'.repeat(90)]
    expect(held.map((text) => cache.get(text) !== undefined)).toEqual([true, false, true, false])
  })

  it.each([
    ['bytes', { maxEntries: 100, maxBytes: 2 * 2 * (100 + 1500) }],
    ['entries', { maxEntries: 4, maxBytes: MIB }],
  ])('drops its older half once both halves are full, by %s', (_name, limits) => {
    const texts = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => letter.repeat(100))
    const held = (count: number): string =>
      texts
        .filter((text) => {
          const cache = new TokenCache(limits)
          for (const each of texts.slice(0, count)) cache.set(entry(each))
          return cache.get(text) !== undefined
        })
        .map((text) => text[0])
        .join('')
    expect([2, 3, 4, 5, 6].map(held)).toEqual(['ab', 'abc', 'abcd', 'cde', 'cdef'])
  })

  it('never holds more than its bounds, in entries and in bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(500), fc.nat(4000)), { maxLength: 300 }),
        fc.integer({ min: 1, max: 50 }),
        (puts, maxEntries) => {
          const maxBytes = 40_000
          const cache = new TokenCache({ maxEntries, maxBytes })
          const texts = puts.map(([name, length]) => `${'y'.repeat(length)}${name}`)
          for (const text of texts) cache.set(entry(text))
          const held = [...new Set(texts)].filter((text) => cache.get(text) !== undefined)
          const bytes = held.reduce((sum, text) => sum + text.length, 0)
          expect(held.length).toBeLessThanOrEqual(maxEntries + 1)
          expect(bytes).toBeLessThanOrEqual(maxBytes)
        },
      ),
      { numRuns: FUZZ_RUNS },
    )
  })
})
