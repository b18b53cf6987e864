import { describe, expect, it } from '@jest/globals'
import { createNonces } from '../../../../lib/tokens/proof/dpop/nonce.js'

const NOW = 1_000_000
const [OLD, NEW] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
const window = { maxAgeSeconds: 60, toleranceSeconds: 10 }
const nonces = createNonces([OLD], window)

describe('a nonce of ours', () => {
  it.each<[number, number | undefined]>([
    [NOW, 0],
    [NOW + 60, 60],
    [NOW + 61, undefined],
    [NOW - 10, -10],
    [NOW - 11, undefined],
  ])('is at %d of the age %p', (now, age) => {
    expect(nonces.ageOf(nonces.issue(NOW), now)).toBe(age)
  })

  it('is of whole seconds, and never before the epoch', () => {
    expect(nonces.ageOf(nonces.issue(NOW + 0.9), NOW + 1)).toBe(1)
    expect(nonces.ageOf(nonces.issue(-5), 0)).toBe(0)
  })

  it('is valid in each process that has the secret, an old one too', () => {
    const made = nonces.issue(NOW)
    expect(createNonces([NEW, OLD], window).ageOf(made, NOW)).toBe(0)
    expect(createNonces([NEW], window).ageOf(made, NOW)).toBeUndefined()
    expect(createNonces([NEW, OLD], window).issue(NOW)).toBe(createNonces([NEW], window).issue(NOW))
  })

  it('is none of ours where a character is another', () => {
    const made = nonces.issue(NOW)
    for (let at = 0; at < made.length - 1; at += 1) {
      const other = made[at] === 'A' ? 'B' : 'A'
      const changed = made.slice(0, at) + other + made.slice(at + 1)
      expect(nonces.ageOf(changed, NOW)).toBeUndefined()
    }
  })

  it.each(['', 'x', 'A'.repeat(29), 'A'.repeat(31), '!'.repeat(30)])('is not %j', (text) => {
    expect(nonces.ageOf(text, NOW)).toBeUndefined()
  })
})
