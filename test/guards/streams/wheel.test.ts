import { beforeEach, describe, expect, it } from '@jest/globals'
import { Wheel } from '../../../lib/guards/streams/wheel.js'
import { manualTimer, type ManualTimer } from '../../support/manual-timer.js'

let timer: ManualTimer
let wheel: Wheel<string>
let due: string[]

beforeEach(() => {
  timer = manualTimer(1_000_030)
  due = []
  wheel = new Wheel(timer, { due: (item) => void due.push(item), ticked: () => undefined })
})

describe('the wheel of streams', () => {
  it.each([
    [0, 250],
    [1, 250],
    [250, 500],
    [1000, 1250],
    [5000, 5250],
    [7750, 8000],
  ])('tells of what is due in %i ms by then, %i ms at most', async (delayMs, mostMs) => {
    wheel.put('a', delayMs)
    await timer.advance(Math.max(0, delayMs - 250))
    expect(due).toEqual([])
    await timer.advance(mostMs - Math.max(0, delayMs - 250))
    expect(due).toEqual(['a'])
  })

  it.each([1e300, Infinity, 8000])(
    'tells early of what is due later than it reaches (%p ms)',
    async (ms) => {
      wheel.put('a', ms)
      await timer.advance(8000)
      expect(due).toEqual(['a'])
    },
  )

  it.each([Number.NaN, -1, -Infinity])(
    'tells at once of what has no time ahead (%p)',
    async (ms) => {
      wheel.put('a', ms)
      await timer.advance(250)
      expect(due).toEqual(['a'])
    },
  )

  it('tells once', async () => {
    wheel.put('a', 1000)
    await timer.advance(20_000)
    expect([due, wheel.size]).toEqual([['a'], 0])
  })

  it('goes by the last time that an item was given', async () => {
    wheel.put('a', 1000)
    wheel.put('a', 3000)
    await timer.advance(2000)
    expect(due).toEqual([])
    await timer.advance(1500)
    expect(due).toEqual(['a'])
  })

  it('sets one timer for 10,000 items, and none once they are gone', async () => {
    const items = Array.from({ length: 10_000 }, (_, index) => `item-${index}`)
    for (const [index, item] of items.entries()) wheel.put(item, index % 7000)
    expect([timer.pending(), wheel.size]).toEqual([1, 10_000])
    for (const item of items) wheel.remove(item)
    await timer.advance(250)
    expect([timer.pending(), wheel.size, due]).toEqual([0, 0, []])
  })

  it('begins anew after it was empty for long', async () => {
    wheel.put('a', 0)
    await timer.advance(100_000)
    wheel.put('b', 1000)
    await timer.advance(750)
    expect(due).toEqual(['a'])
    await timer.advance(500)
    expect(due).toEqual(['a', 'b'])
  })

  it('misses none when the process stood still for longer than a turn', () => {
    let now = 1_000_000
    const ticks: (() => void)[] = []
    const stalled = new Wheel<string>(
      {
        now: () => now,
        after(_delayMs, task) {
          ticks.push(task)
          return () => undefined
        },
      },
      { due: (item) => void due.push(item), ticked: () => undefined },
    )
    const delays = [100, 2000, 5000, 7750]
    for (const delay of delays) stalled.put(String(delay), delay)
    now += 3_600_000
    ticks.shift()?.()
    expect(due.toSorted()).toEqual(delays.map(String).toSorted())
    expect(stalled.size).toBe(0)
  })

  it('keeps an item that is put back while it is due', async () => {
    let times = 0
    const returning = new Wheel<string>(timer, {
      due(item) {
        times += 1
        returning.put(item, 1000)
      },
      ticked: () => undefined,
    })
    returning.put('a', 1000)
    await timer.advance(10_000)
    expect(times).toBeGreaterThanOrEqual(7)
    expect([returning.size, timer.pending()]).toEqual([1, 1])
  })
})
