import { describe, expect, it } from '@jest/globals'
import { DeadlineExceeded, withDeadline } from '../../lib/core/deadline.js'
import { manualTimer, settle } from '../support/manual-timer.js'

describe('a promise with a deadline', () => {
  it('resolves as it would, and leaves no timer', async () => {
    const timer = manualTimer()
    expect(await withDeadline(Promise.resolve('a'), 100, timer)).toBe('a')
    expect(timer.pending()).toBe(0)
  })

  it('rejects as it would, and leaves no timer', async () => {
    const timer = manualTimer()
    const error = new Error('a fault')
    await expect(withDeadline(Promise.reject(error), 100, timer)).rejects.toBe(error)
    expect(timer.pending()).toBe(0)
  })

  it('is given up at its time, and not before', async () => {
    const timer = manualTimer()
    const outcomes: unknown[] = []
    withDeadline(new Promise(() => undefined), 100, timer).catch((error: unknown) =>
      outcomes.push(error),
    )
    await timer.advance(99)
    expect(outcomes).toEqual([])
    await timer.advance(1)
    await settle()
    expect(outcomes).toEqual([new DeadlineExceeded('No answer within 100 ms')])
    expect(outcomes[0]).toMatchObject({ name: 'DeadlineExceeded' })
  })

  it('takes an answer that lay in the socket when the timer fired', async () => {
    const answers: ((value: string) => void)[] = []
    const fired: (() => void)[] = []
    const timer = {
      now: () => 0,
      after: (_ms: number, task: () => void) => (fired.push(task), () => undefined),
    }
    const waiting = withDeadline(new Promise<string>((done) => answers.push(done)), 100, timer)
    fired[0]!()
    answers[0]!('late, and here')
    expect(await waiting).toBe('late, and here')
  })
})
