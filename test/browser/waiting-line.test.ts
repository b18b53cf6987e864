import { describe, expect, it } from '@jest/globals'
import { MAX_WAIT_MS, WaitingLine } from '../../lib/browser/waiting-line.js'
import { manualTimer, settle } from '../support/manual-timer.js'

/** A line in front of a room for so many. */
function room(places: number): {
  readonly enter: (name: string) => Promise<string | undefined>
  readonly leave: () => void
  readonly inside: string[]
  readonly timer: ReturnType<typeof manualTimer>
} {
  const timer = manualTimer()
  const line = new WaitingLine(timer)
  const inside: string[] = []
  let free = places
  return {
    timer,
    inside,
    enter: (name) =>
      line.enter('key', async () => {
        if (free === 0) return undefined
        free -= 1
        inside.push(name)
        return name
      }),
    leave() {
      free += 1
      line.ended('key')
    },
  }
}

describe('a waiting line', () => {
  it('lets whoever finds room pass at once', async () => {
    const { enter, timer } = room(2)
    expect(await Promise.all([enter('a'), enter('b')])).toEqual(['a', 'b'])
    expect(timer.pending()).toBe(0)
  })

  it('lets the others pass as room is made, in their order', async () => {
    const { enter, leave, inside } = room(1)
    const all = ['a', 'b', 'c', 'd'].map((name) => enter(name))
    for (let count = 1; count <= 4; count += 1) {
      await settle()
      expect(inside).toHaveLength(count)
      leave()
    }
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
    expect(inside).toEqual(['a', 'b', 'c', 'd'])
  })

  it('sees room that another process made, within a moment', async () => {
    const timer = manualTimer()
    const line = new WaitingLine(timer)
    let isFree = false
    const entered = line.enter('key', async () => (isFree ? 'in' : undefined))
    await timer.advance(50)
    isFree = true
    await timer.advance(100)
    expect(await entered).toBe('in')
  })

  it('lets nobody wait for longer than ten seconds', async () => {
    const { enter, timer } = room(0)
    const all = [enter('a'), enter('b')]
    await timer.advance(MAX_WAIT_MS)
    expect(await Promise.all(all)).toEqual([undefined, undefined])
    expect(timer.pending()).toBe(0)
  })

  it('turns away who finds a hundred of the same key in it', async () => {
    const { enter, timer } = room(0)
    const all = Array.from({ length: 100 }, (_, index) => enter(`${index}`))
    await settle()
    expect(await enter('one more')).toBeUndefined()
    await timer.advance(MAX_WAIT_MS)
    await Promise.all(all)
  })

  it('keeps the line of one key from holding up another', async () => {
    const timer = manualTimer()
    const line = new WaitingLine(timer)
    void line.enter('full', async () => undefined)
    await settle()
    expect(await line.enter('other', async () => 'in')).toBe('in')
  })

  it('goes on behind one whose attempt fails', async () => {
    const timer = manualTimer()
    const line = new WaitingLine(timer)
    let asked = 0
    const failing = line.enter('key', async () => {
      asked += 1
      if (asked > 1) throw new Error('a fault')
      return undefined
    })
    const behind = line.enter('key', async () => (asked > 1 ? 'in' : undefined))
    const outcome = failing.catch(String)
    await timer.advance(200)
    expect(await outcome).toBe('Error: a fault')
    expect(await behind).toBe('in')
  })

  it('lets nobody past who finds room while others wait for it', async () => {
    const timer = manualTimer()
    const line = new WaitingLine(timer)
    const free: string[] = []
    const enter = (name: string): Promise<string | undefined> =>
      line.enter('key', async () => (free.pop() === undefined ? undefined : name))
    const order: (string | undefined)[] = []
    const note = (name: string | undefined): number => order.push(name)
    void enter('first').then(note)
    void enter('second').then(note)
    await settle()
    free.push('place')
    line.ended('key')
    await settle()
    void enter('third').then(note)
    free.push('place', 'place')
    await timer.advance(200)
    expect(order).toEqual(['first', 'second', 'third'])
  })

  it('tries once more at the end of the ten seconds, however often it was woken', async () => {
    const timer = manualTimer()
    const line = new WaitingLine(timer)
    const tried: number[] = []
    const entered = line.enter('key', async () => void tried.push(timer.now()))
    const begun = timer.now()
    await timer.advance(50)
    line.ended('key')
    await timer.advance(MAX_WAIT_MS - 51)
    expect(tried.at(-1)).toBe(begun + 9_950)
    await timer.advance(1)
    expect(tried.at(-1)).toBe(begun + MAX_WAIT_MS)
    expect(await entered).toBeUndefined()
    expect(timer.pending()).toBe(0)
  })

  it('holds ten thousand of all keys, and as many again once they have left', async () => {
    const timer = manualTimer()
    const line = new WaitingLine(timer)
    for (let round = 0; round < 2; round += 1) {
      let isOpen = false
      const inside = async (): Promise<string | undefined> => (isOpen ? 'in' : undefined)
      const all = Array.from({ length: 9_999 }, (_, n) => line.enter(`${n % 101}`, inside))
      await settle()
      const last = line.enter('last', inside)
      await settle()
      expect(timer.pending()).toBe(102)
      expect(await line.enter('one more', inside)).toBeUndefined()
      isOpen = true
      await timer.advance(100)
      expect(new Set(await Promise.all([...all, last]))).toEqual(new Set(['in']))
    }
  })

  it('is asked for nothing by an attempt that ends while nobody waits', () => {
    expect(() => new WaitingLine(manualTimer()).ended('key')).not.toThrow()
  })
})
