import { describe, expect, it } from '@jest/globals'
import { runScript } from '../../support/script.js'

describe('the memory of introspected tokens', () => {
  it('takes no more of the heap than its bound, whatever an issuer says of tokens', async () => {
    const { output } = await runScript('test/support/full-answers-process.ts', '', {}, 170)
    const shares = output
      .trim()
      .split('\n')
      .map((line) => line.split(': '))
    expect(shares).toHaveLength(7)
    expect(shares.filter(([, share]) => !(Number(share) <= 1))).toEqual([])
    // Nor so much less that it holds hardly anything.
    expect(Number(shares[0]?.[1])).toBeGreaterThan(0.15)
  }, 180_000)
})
