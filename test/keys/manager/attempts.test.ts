import { describe, expect, it } from '@jest/globals'
import { Attempts } from '../../../lib/keys/manager/attempts.js'
import { manualTimer } from '../../support/manual-timer.js'

describe('Attempts', () => {
  it('gives each a deadline of its own', async () => {
    const timer = manualTimer()
    const attempts = new Attempts(timer, 1000)
    const first = attempts.begin()
    await timer.advance(500)
    const second = attempts.begin()
    await timer.advance(499)
    expect([first.signal.aborted, second.signal.aborted]).toEqual([false, false])
    await timer.advance(1)
    expect([first.signal.aborted, second.signal.aborted]).toEqual([true, false])
  })

  it('aborts none that is over', async () => {
    const timer = manualTimer()
    const attempts = new Attempts(timer, 1000)
    const { signal, end } = attempts.begin()
    end()
    expect(timer.pending()).toBe(0)
    attempts.abortAll()
    await timer.advance(1000)
    expect(signal.aborted).toBe(false)
  })

  it('ends all that are under way together', () => {
    const attempts = new Attempts(manualTimer(), 1000)
    const signals = [attempts.begin().signal, attempts.begin().signal]
    attempts.abortAll()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
  })
})
