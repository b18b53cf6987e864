import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { FairQueue } from '../../../lib/core/queue/fair-queue.js'
import { FUZZ_RUNS } from '../../support/runs.js'

interface Item {
  readonly key: string
  readonly last: boolean
  readonly number: number
}

const additions = fc.array(
  fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), last: fc.boolean() }),
  {
    maxLength: 40,
  },
)

function filled(list: readonly Omit<Item, 'number'>[]): {
  readonly queue: FairQueue<Item>
  readonly items: readonly Item[]
} {
  const queue = new FairQueue<Item>()
  const items = list.map((item, number) => ({ ...item, number }))
  for (const item of items) queue.add(item.key, item, item.last)
  return { queue, items }
}

function drain(queue: FairQueue<Item>): readonly Item[] {
  const taken: Item[] = []
  for (let item = queue.take(); item !== undefined; item = queue.take()) taken.push(item)
  return taken
}

const numbers = (items: readonly Item[]): readonly number[] => items.map(({ number }) => number)
const sorted = (items: readonly Item[]): readonly number[] =>
  numbers(items).toSorted((a, b) => a - b)
const countOf = (items: readonly Item[], key: string): number =>
  items.filter((item) => item.key === key).length

describe('FairQueue', () => {
  it('gives out each item once, and shows before which one is next', () => {
    fc.assert(
      fc.property(additions, (list) => {
        const { queue, items } = filled(list)
        const taken: Item[] = []
        for (let next = queue.peek(); next !== undefined; next = queue.peek()) {
          expect(queue.size).toBe(items.length - taken.length)
          expect(queue.take()).toBe(next)
          taken.push(next)
        }
        expect(queue.take()).toBeUndefined()
        expect(queue.size).toBe(0)
        expect(sorted(taken)).toEqual(numbers(items))
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('takes no key twice while another waits for its turn', () => {
    fc.assert(
      fc.property(additions, (list) => {
        const taken = drain(filled(list).queue)
        for (const [index, item] of taken.entries()) {
          const before = taken.slice(0, index).findLastIndex(({ key }) => key === item.key)
          if (before === -1) continue
          const between = new Set(taken.slice(before + 1, index).map(({ key }) => key))
          for (const { key } of taken.slice(index + 1)) {
            expect(key === item.key || between.has(key)).toBe(true)
          }
        }
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('keeps the order within a key, but for those that come last', () => {
    fc.assert(
      fc.property(additions, fc.constantFrom('a', 'b'), (list, key) => {
        const { queue, items } = filled(list)
        const own = items.filter((item) => item.key === key)
        const wanted = [...own.filter(({ last }) => !last), ...own.filter(({ last }) => last)]
        expect(drain(queue).filter((item) => item.key === key)).toEqual(wanted)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('drops from whoever has most, the newest, and of those that come last first', () => {
    fc.assert(
      fc.property(additions, (list) => {
        const { queue, items } = filled(list)
        let left = items
        for (
          let drop = queue.dropFromLongest();
          drop !== undefined;
          drop = queue.dropFromLongest()
        ) {
          const dropped = drop
          const own = left.filter(({ key }) => key === dropped.key)
          for (const { key } of left) expect(countOf(left, key)).toBeLessThanOrEqual(own.length)
          const candidates = own.some(({ last }) => last) ? own.filter(({ last }) => last) : own
          expect(dropped).toBe(candidates.at(-1))
          left = left.filter((item) => item !== dropped)
          expect(queue.size).toBe(left.length)
        }
        expect(left).toEqual([])
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('removes whatever is not wanted, and leaves the turns of the rest as they were', () => {
    fc.assert(
      fc.property(additions, fc.nat(3), (list, rest) => {
        const unwanted = ({ number }: Item): boolean => number % 4 === rest
        const { queue, items } = filled(list)
        expect(sorted(queue.removeWhere(unwanted))).toEqual(numbers(items.filter(unwanted)))
        const left = items.filter((item) => !unwanted(item))
        expect(queue.size).toBe(left.length)
        expect(sorted(drain(queue))).toEqual(numbers(left))
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('drops whoever comes last where all have as many: the others were there before', () => {
    const { queue } = filled(['a', 'b', 'c'].map((key) => ({ key, last: false })))
    expect(queue.dropFromLongest()).toMatchObject({ key: 'c' })
    expect(queue.peek()).toMatchObject({ key: 'a' })
  })
})
