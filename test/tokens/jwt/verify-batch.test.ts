import { describe, expect, it } from '@jest/globals'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import { runInBatch } from '../../../lib/tokens/jwt/verify-batch.js'
import { senderOf } from '../../support/senders.js'

/** Keeps the processor busy for so long. */
function spin(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

function slowly(): boolean {
  spin(1)
  return true
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
    const slow = (name: string): Promise<unknown> =>
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

  it('verifies nothing for whoever goes while too many wait, and does not call that a bad signature', async () => {
    let verified = 0
    const verify = (): boolean => (verified += 1) > 0
    const [gone, here] = [senderOf('one', Infinity), senderOf('one', Infinity)]
    gone.gone = true
    // A client that does not wait for its answer has its request served all the same.
    const inLine = Array.from({ length: 500 }, () => runInBatch(verify, gone))
    const forGone = runInBatch(verify, gone)
    const forHere = runInBatch(verify, here)
    expect(await forGone).toMatchObject({ status: 503, reason: 'overloaded' })
    expect(await Promise.all([...inLine, forHere])).toEqual(Array(501).fill(true))
    expect(verified).toBe(501)
  })

  it('lets a thousand of one network wait for one of another', async () => {
    const order: string[] = []
    const [flood, one] = [senderOf('flood', Infinity), senderOf('one', Infinity)]
    const flooding = Array.from({ length: 1500 }, () =>
      runInBatch(() => order.push('flood') > 0, flood),
    )
    const good = runInBatch(() => order.push('good') > 0, one)
    await Promise.all([...flooding, good])
    expect(await good).toBe(true)
    expect(order.indexOf('good')).toBeLessThan(510)
  })

  it('refuses at once what would wait for more than a second', async () => {
    const flood = senderOf('flood', Infinity)
    // So that it knows how long each takes.
    await Promise.all(Array.from({ length: 60 }, () => runInBatch(slowly, flood)))
    let forged = 0
    const settled = await Promise.all(
      Array.from({ length: 20_000 }, () => runInBatch(() => (forged += 1) < 0, flood)),
    )
    const refused = settled.filter((valid) => valid instanceof AuthError)
    expect(refused.length).toBeGreaterThan(8000)
    expect(forged + refused.length).toBe(20_000)
    expect(await runInBatch(() => true, flood)).toBe(true)
  })

  it('starts anew after it was idle', async () => {
    expect(await runInBatch(() => true)).toBe(true)
    await new Promise(setImmediate)
    expect(await runInBatch(() => true)).toBe(true)
  })
})
