import { describe, expect, it } from '@jest/globals'
import { runInBatch } from '../../lib/tokens/verify-batch.js'

/** Keeps the processor busy for so long. */
function spin(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

describe('runInBatch', () => {
  it('tells each what its own verification said', async () => {
    const verdicts = [true, false, true, true, false]
    const told = await Promise.all(verdicts.map((verdict) => runInBatch(() => verdict)))
    expect(told).toEqual(verdicts)
  })

  it('takes what throws for what is not verified, and goes on', async () => {
    const failing = runInBatch(() => {
      throw new Error('malformed')
    })
    expect(await Promise.all([failing, runInBatch(() => true)])).toEqual([false, true])
  })

  it('begins after this turn, and does quick ones in one', async () => {
    const order: string[] = []
    const jobs = ['a', 'b', 'c'].map((name) => runInBatch(() => order.push(name) > 0))
    setImmediate(() => order.push('next in the same turn'))
    order.push('now')
    await Promise.all(jobs)
    await new Promise(setImmediate)
    expect(order).toEqual(['now', 'a', 'b', 'c', 'next in the same turn'])
  })

  it('lets the event loop turn between slow ones', async () => {
    const order: string[] = []
    const slow = (name: string): Promise<boolean> =>
      runInBatch(() => {
        spin(3)
        return order.push(name) > 0
      })
    const jobs = ['a', 'b', 'c'].map(slow)
    let turns = 0
    const turn = (): void => {
      order.push('turn')
      turns += 1
      if (turns < 3) setImmediate(turn)
    }
    setImmediate(turn)
    expect(await Promise.all(jobs)).toEqual([true, true, true])
    expect(order.slice(0, 5)).toEqual(['a', 'turn', 'b', 'turn', 'c'])
  })

  it('starts anew after it was idle', async () => {
    expect(await runInBatch(() => true)).toBe(true)
    await new Promise(setImmediate)
    expect(await runInBatch(() => true)).toBe(true)
  })
})
