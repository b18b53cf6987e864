import { describe, expect, it } from '@jest/globals'
import { WindowTable } from '../../../lib/http/throttle/window-table.js'

const NOW = 1000
const windowUntil = (resetAt: number) => ({ resetAt })

describe('the table of windows', () => {
  it('holds a window until it is over', () => {
    const table = new WindowTable(100)
    table.set('a', windowUntil(NOW + 1))
    expect(table.read('a', NOW)).toEqual(windowUntil(NOW + 1))
    expect(table.read('a', NOW + 1)).toBeUndefined()
    expect(table.read('b', NOW)).toBeUndefined()
  })

  it('forgets, of more keys than it may hold, the one that was set longest ago', () => {
    const table = new WindowTable(100, 2)
    for (const key of ['a', 'b', 'a', 'c']) table.set(key, windowUntil(NOW + 1))
    expect(['a', 'b', 'c'].filter((key) => table.read(key, NOW))).toEqual(['a', 'c'])
  })

  it('holds 10,000 keys unless told otherwise', () => {
    const table = new WindowTable(100)
    for (let key = 0; key <= 10_000; key += 1) table.set(String(key), windowUntil(NOW + 1))
    expect(table.read('0', NOW)).toBeUndefined()
    expect(table.read('1', NOW)).toBeDefined()
  })

  it('does not forget a later window when told to forget the one before', () => {
    const table = new WindowTable(100)
    const [before, later] = [windowUntil(NOW + 1), windowUntil(NOW + 1)]
    table.set('a', later)
    table.delete('a', before)
    expect(table.read('a', NOW)).toBe(later)
    table.delete('a', later)
    expect(table.read('a', NOW)).toBeUndefined()
  })
})
