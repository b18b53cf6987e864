import { describe, expect, it } from '@jest/globals'
import { Watchers } from '../../lib/revocation/watchers.js'

describe('those who watch a store', () => {
  it('are all told, until each ends it for itself', () => {
    const watchers = new Watchers()
    const told: string[] = []
    const endA = watchers.add(() => told.push('a'))
    const endB = watchers.add(() => told.push('b'))
    watchers.tell()
    endA()
    watchers.tell()
    endB()
    watchers.tell()
    expect(told).toEqual(['a', 'b', 'b'])
  })

  it('are told twice where one function is given twice, and once after one was ended', () => {
    const watchers = new Watchers()
    let told = 0
    const count = (): void => void (told += 1)
    const end = watchers.add(count)
    watchers.add(count)
    watchers.tell()
    expect(told).toBe(2)
    end()
    end()
    watchers.tell()
    expect(told).toBe(3)
  })
})
