import { describe, expect, it } from '@jest/globals'
import { createNonce } from '../../../lib/guards/headers/nonce.js'

describe('a nonce', () => {
  it('is 128 random bits, and never the same, through several fillings of the pool', () => {
    const nonces = Array.from({ length: 1000 }, createNonce)
    expect(new Set(nonces).size).toBe(1000)
    for (const nonce of nonces) expect(nonce).toMatch(/^[A-Za-z0-9+/]{22}==$/)
    // Neighbours in the pool share no bytes: a nonce that is seen says nothing of the next.
    const bytes = nonces.map((nonce) => Buffer.from(nonce, 'base64').toString('hex'))
    const halves = new Set(bytes.flatMap((hex) => [hex.slice(0, 16), hex.slice(16)]))
    expect(halves.size).toBe(2000)
    expect(bytes).not.toContain('0'.repeat(32))
  })
})
