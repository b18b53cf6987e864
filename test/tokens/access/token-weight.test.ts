import { describe, expect, it } from '@jest/globals'
import { TOKEN_SHAPES } from '../../support/token-shapes.js'
import { runScript } from '../../support/script.js'

describe('the memory of verified tokens', () => {
  it('takes no more of the heap than "maxBytes", whatever an issuer puts into tokens', async () => {
    const { output } = await runScript('test/support/full-cache-process.ts', '', {}, 100)
    const shares = output
      .trim()
      .split('\n')
      .map((line) => line.split(': '))
    expect(shares.map(([name]) => name)).toEqual(TOKEN_SHAPES.map(([name]) => name))
    expect(shares.filter(([, share]) => !(Number(share) <= 1))).toEqual([])
    // Nor so much less that it holds hardly anything. The collector may keep a guard for long, but not each.
    expect(Math.max(...shares.map(([, share]) => Number(share)))).toBeGreaterThan(0.2)
  }, 120_000)
})
