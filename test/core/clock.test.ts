import { describe, expect, it } from '@jest/globals'
import { systemClock, systemTimer } from '../../lib/core/clock.js'

describe('the clock of the system', () => {
  it('tells seconds, as tokens do', () => {
    expect(Math.abs(systemClock() - Date.now() / 1000)).toBeLessThan(60)
  })
})

describe('the timer of the system', () => {
  it('runs a task once its time has come, in milliseconds', async () => {
    const begunAt = systemTimer.now()
    await new Promise<void>((resolve) => void systemTimer.after(20, resolve))
    expect(systemTimer.now() - begunAt).toBeGreaterThanOrEqual(19)
  })

  it('runs no task that was cancelled', async () => {
    const ran: string[] = []
    const cancel = systemTimer.after(1, () => ran.push('cancelled'))
    cancel()
    await new Promise<void>((resolve) => void systemTimer.after(20, resolve))
    expect(ran).toEqual([])
  })

  it('never keeps the process alive', () => {
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const cancel = systemTimer.after(60_000, () => undefined)
    const after = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    cancel()
    expect(after).toBe(before)
  })
})
