import { beforeEach, describe, expect, it, jest } from '@jest/globals'
import { Alarm } from '../../../lib/keys/manager/alarm.js'
import { manualTimer, type ManualTimer } from '../../support/manual-timer.js'

let timer: ManualTimer
let alarm: Alarm

beforeEach(() => {
  timer = manualTimer()
  alarm = new Alarm(timer)
})

describe('Alarm', () => {
  it('runs its task once, when that is due', async () => {
    const task = jest.fn()
    alarm.set(1000, task)
    await timer.advance(999)
    expect(task).not.toHaveBeenCalled()
    await timer.advance(1)
    expect(task).toHaveBeenCalledTimes(1)
    expect(alarm.dueInSeconds()).toBeUndefined()
  })

  it('has one task: a new one takes its place', async () => {
    const [first, second] = [jest.fn(), jest.fn()]
    alarm.set(1000, first)
    alarm.set(2000, second)
    expect(timer.pending()).toBe(1)
    await timer.advance(2000)
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1])
  })

  it('may be set again by its own task', async () => {
    const again = jest.fn()
    alarm.set(1000, () => alarm.set(500, again))
    await timer.advance(1000)
    expect(alarm.dueInSeconds()).toBe(0.5)
    await timer.advance(500)
    expect(again).toHaveBeenCalledTimes(1)
  })

  it('says in how many seconds it is due, and never in less than none', () => {
    const late = { now: () => at, after: timer.after }
    let at = 0
    const watched = new Alarm(late)
    expect(watched.dueInSeconds()).toBeUndefined()
    watched.set(3000, () => undefined)
    at = 1000
    expect(watched.dueInSeconds()).toBe(2)
    at = 9000
    expect(watched.dueInSeconds()).toBe(0)
  })

  it('does nothing once cancelled, and may be cancelled twice', async () => {
    const task = jest.fn()
    alarm.set(1000, task)
    alarm.cancel()
    alarm.cancel()
    expect([timer.pending(), alarm.dueInSeconds()]).toEqual([0, undefined])
    await timer.advance(1000)
    expect(task).not.toHaveBeenCalled()
  })
})
