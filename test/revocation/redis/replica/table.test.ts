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
    for (let i = 0; i < 100_000; i += 1) table.merge(`name-${i}`, i, 100)
    for (let i = 0; i < 100_000; i += 1) {
      if (read(table, `name-${i}`) !== i) throw new Error(`name-${i} is not what it was`)
    }
    for (let i = 0; i < 100_000; i += 1) {
      if (read(table, `other-${i}`) !== undefined) throw new Error(`other-${i} was never there`)
    }
    expect(table.size).toBeGreaterThanOrEqual(100_000)
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
    for (let i = 0; i < 100_000; i += 1) {
      now = i
      table.merge(`name-${i}`, 1, i + 500)
      table.merge(`mark-${i}`, 0.5, i + 500)
    }
    expect(read(table, 'name-99999')).toBe(1)
    expect(read(table, 'name-99501')).toBe(1)
    expect(read(table, 'mark-99501')).toBe(0.5)
    expect(table.size).toBeLessThan(2001)
  })

  it('is full rather than forgetful', () => {
    const table = createTable(1000, never)
    const fill = (): void => {
      for (let i = 0; i <= 1000; i += 1) table.merge(`name-${i}`, 1, 100)
    }
    expect(fill).toThrow(TableFull)
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
