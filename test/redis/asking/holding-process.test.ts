import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { holdingProcess } from '../../../lib/redis/asking/holding-process.js'

/** A timer that runs keeps a process alive. */
const isHeld = (): boolean => jest.getTimerCount() > 0

describe('holdingProcess', () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  it('keeps the process alive until the last answer is there', async () => {
    const settle: (() => void)[] = []
    const answers = [0, 1].map(() => new Promise<void>((resolve) => settle.push(resolve)))
    expect(isHeld()).toBe(false)
    const [first, second] = answers.map(holdingProcess)
    expect(jest.getTimerCount()).toBe(1)
    settle[0]!()
    await first
    expect(isHeld()).toBe(true)
    settle[1]!()
    await second
    expect(isHeld()).toBe(false)
  })

  it('hands the answer on, and lets go where there is none', async () => {
    expect(await holdingProcess(Promise.resolve(7))).toBe(7)
    expect(isHeld()).toBe(false)
    await expect(holdingProcess(Promise.reject(new Error('gone')))).rejects.toThrow('gone')
    expect(isHeld()).toBe(false)
  })
})
