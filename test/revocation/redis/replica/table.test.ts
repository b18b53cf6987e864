import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import {
  createTable,
  TableFull,
  type RevocationTable,
} from '../../../../lib/revocation/redis/replica/table.js'
import { mergeValues, type RevocationValue } from '../../../../lib/revocation/revocations.js'
import { arbitraryMark } from '../../../support/arbitrary-mark.js'
import { FUZZ_RUNS } from '../../../support/runs.js'

const never = (): number => 0

function read(table: RevocationTable, name: string): RevocationValue | undefined {
  return table.get(...table.fingerprint(table.begin(''), name))
}

/** A second is a mark without exceptions. */
const asMark = (value: RevocationValue | undefined): RevocationValue | undefined =>
  typeof value === 'number' ? { notBefore: value, sessions: new Map() } : value

describe('createTable', () => {
  it('says what a Map says, for flags, seconds, fractions and marks, in any order', () => {
    const name = fc.constantFrom('a', 'b', 'c', '', '__proto__')
    const value = fc.oneof(
      fc.nat({ max: 30 }),
      fc.constantFrom(0.5, -1, 2 ** 32, 2 ** 40),
      arbitraryMark,
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (writes) => {
        const table = createTable(1000, never)
        const model = new Map<string, RevocationValue>()
        for (const [key, written] of writes) {
          // One target holds values of one kind, and a plain second is a mark without exceptions.
          const kept = typeof written === 'object' ? `s${key}` : `c${key}`
          table.merge(kept, written, 100)
          const known = model.get(kept)
          model.set(kept, known === undefined ? written : mergeValues(known, written))
        }
        for (const [key, expected] of model)
          expect(asMark(read(table, key))).toEqual(asMark(expected))
        expect(read(table, 'absent')).toBeUndefined()
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('holds a mark without exceptions as a second, and adds those that come later', () => {
    const table = createTable(1000, never)
    table.merge('s', { notBefore: 20, sessions: new Map() }, 100)
    expect(read(table, 's')).toBe(20)
    table.merge(
      's',
      { notBefore: 30, sessions: new Map([['kept', Number.NEGATIVE_INFINITY]]) },
      100,
    )
    expect(read(table, 's')).toEqual({ notBefore: 30, sessions: new Map([['kept', 20]]) })
  })

  it('keeps every entry while it grows, and invents none', () => {
    const table = createTable(1_000_000, never)
    for (let i = 0; i < 20_000; i += 1) table.merge(`name-${i}`, i, 100)
    for (let i = 0; i < 20_000; i += 1) {
      if (read(table, `name-${i}`) !== i) throw new Error(`name-${i} is not what it was`)
    }
    for (let i = 0; i < 20_000; i += 1) {
      if (read(table, `other-${i}`) !== undefined) throw new Error(`other-${i} was never there`)
    }
    expect(table.size).toBe(20_000)
  })

  it('takes the greater value while an entry is in the old half of a growing table', () => {
    const table = createTable(100_000, never)
    for (let i = 0; i < 717; i += 1) table.merge(`name-${i}`, 5, 100)
    table.merge('name-3', 4, 100)
    table.merge('name-4', 6, 100)
    expect(read(table, 'name-3')).toBe(5)
    expect(read(table, 'name-4')).toBe(6)
  })

  it('forgets what is past its time when it needs the room, and stays as large as it must', () => {
    let now = 0
    const table = createTable(2000, () => now)
    for (let i = 0; i < 20_000; i += 1) {
      now = i
      table.merge(`name-${i}`, 1, i + 500)
      table.merge(`mark-${i}`, 0.5, i + 500)
    }
    expect(read(table, 'name-19999')).toBe(1)
    expect(read(table, 'name-19501')).toBe(1)
    expect(read(table, 'mark-19501')).toBe(0.5)
    expect(table.size).toBeLessThan(2001)
  })

  it('is full rather than forgetful', () => {
    const table = createTable(1000, never)
    const fill = (): void => {
      for (let i = 0; i <= 1000; i += 1) table.merge(`name-${i}`, 1, 100)
    }
    expect(fill).toThrow(TableFull)
    expect(fill).toThrow(
      expect.objectContaining({
        name: 'TableFull',
        message: 'More than 900 revocations are in force',
      }),
    )
  })

  it.each([
    ['full with nine tenths', 900, 'TableFull'],
    ['not full with one entry less', 899, undefined],
  ])('is %s in force', (_name, inForce, name) => {
    let now = 0
    const table = createTable(1000, () => now)
    for (let i = 0; i < 1000; i += 1) table.merge(`name-${i}`, 1, i < inForce ? 100 : 10)
    now = 10
    let error: unknown
    try {
      table.merge('one more', 1, 100)
    } catch (thrown) {
      error = thrown
    }
    expect((error as Error | undefined)?.name).toBe(name)
  })

  it('forgets what has had its second, and nothing before that or that was prolonged', () => {
    let now = 0
    const table = createTable(1000, () => now)
    const fraction = 0.5
    for (const value of [1, fraction]) {
      const kind = value === 1 ? 'flag' : 'mark'
      table.merge(`${kind}-over`, value, 10)
      table.merge(`${kind}-prolonged`, value, 10)
      table.merge(`${kind}-prolonged`, value, 11)
      table.merge(`${kind}-prolonged`, value, 5)
      table.merge(`${kind}-begun`, value, 10.2)
      table.merge(`${kind}-for-ever`, value, Number.POSITIVE_INFINITY)
      table.merge(`${kind}-long`, value, 2 ** 32 + 1)
    }
    for (let i = table.size; i < 1000; i += 1) table.merge(`name-${i}`, 1, 10)
    now = 10
    table.merge('one more', 1, 100)
    const held = (kind: string): unknown[] =>
      ['over', 'prolonged', 'begun', 'for-ever', 'long'].map((end) => read(table, `${kind}-${end}`))
    expect(held('flag')).toEqual([undefined, 1, 1, 1, 1])
    expect(held('mark')).toEqual([undefined, 0.5, 0.5, 0.5, 0.5])
    expect(table.size).toBe(9)
  })

  it('knows a name by both halves of what stands for it', () => {
    const table = createTable(1000, never)
    for (const [name, value] of [
      ['flag', 1],
      ['fraction', 0.5],
    ] as const) {
      table.merge(name, value, 100)
      const [low, high] = table.fingerprint(table.begin(''), name)
      const others = [
        [low ^ 0x80000000, high],
        [low, high ^ 0x40000000],
        [low + 2 ** 21, high - 2 ** 11],
      ] as const
      expect(table.get(low, high)).toBe(value)
      expect(others.map(([a, b]) => table.get(a | 0, b | 0))).toEqual(others.map(() => undefined))
    }
    const halves = Array.from({ length: 100 }, (_, i) =>
      table.fingerprint(table.begin(''), `name-${i}`),
    )
    for (const half of [0, 1]) expect(new Set(halves.map((both) => both[half])).size).toBe(100)
  })

  it('hides where a name lies from whoever chooses names', () => {
    const places = Array.from({ length: 20 }, () => {
      const table = createTable(1000, never)
      return table.fingerprint(table.begin(''), 'name').join()
    })
    expect(new Set(places).size).toBe(20)
  })

  it('counts an entry once, however often it comes, and holds a flag in its slot', () => {
    const table = createTable(1000, never)
    for (let i = 0; i < 2000; i += 1) table.merge('flag', true, 100)
    table.merge('mark', 0.5, 100)
    table.merge('mark', 1.5, 100)
    expect(table.size).toBe(2)
    expect(read(table, 'flag')).toBe(1)
  })

  it('counts an entry once, also while it grows', () => {
    const table = createTable(1_000_000, () => 0)
    const miscounted: number[] = []
    for (let count = 1; count <= 6000; count += 1) {
      table.merge(`name-${count}`, true, 100)
      if (table.size !== count) miscounted.push(count)
    }
    expect(miscounted).toEqual([])
  })
})
