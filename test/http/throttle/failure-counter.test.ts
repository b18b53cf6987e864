import { describe, expect, it } from '@jest/globals'
import { FailureCounter } from '../../../lib/http/throttle/failure-counter.js'

const NOW = 1000

describe('FailureCounter', () => {
  it('counts in a window that begins with the first failure', () => {
    const counter = new FailureCounter(100)
    expect(counter.read('a', NOW)).toBeUndefined()
    expect(counter.add('a', NOW)).toEqual({ count: 1, resetAt: NOW + 100 })
    expect(counter.add('a', NOW + 99)).toEqual({ count: 2, resetAt: NOW + 100 })
    expect(counter.read('a', NOW + 99)).toEqual({ count: 2, resetAt: NOW + 100 })
    expect(counter.read('a', NOW + 100)).toBeUndefined()
    expect(counter.add('a', NOW + 100)).toEqual({ count: 1, resetAt: NOW + 200 })
  })

  it('counts each key for itself', () => {
    const counter = new FailureCounter(100)
    counter.add('a', NOW)
    expect(counter.read('b', NOW)).toBeUndefined()
    expect(counter.add('b', NOW).count).toBe(1)
  })

  it('takes over what others have counted, where that is more', () => {
    const counter = new FailureCounter(100)
    const others = (count: number) => ({ count, resetAt: NOW + 50 })
    counter.raise('a', others(1), NOW)
    expect(counter.read('a', NOW)).toEqual(others(1))
    counter.add('a', NOW)
    counter.raise('a', others(1), NOW)
    expect(counter.read('a', NOW)?.count).toBe(2)
    counter.raise('a', { count: 2, resetAt: NOW + 99 }, NOW)
    expect(counter.read('a', NOW)?.resetAt).toBe(NOW + 50)
    counter.raise('a', others(3), NOW)
    expect(counter.read('a', NOW)?.count).toBe(3)
  })

  it('takes over what others have counted once its own window is over', () => {
    const counter = new FailureCounter(100)
    counter.add('a', NOW)
    counter.add('a', NOW)
    const others = { count: 1, resetAt: NOW + 150 }
    counter.raise('a', others, NOW + 100)
    expect(counter.read('a', NOW + 100)).toEqual(others)
  })

  it('forgets, of more keys than it may hold, the one that failed longest ago', () => {
    const counter = new FailureCounter(100, 2)
    const known = (): string[] => ['a', 'b', 'c', 'd'].filter((key) => counter.read(key, NOW))
    counter.add('a', NOW)
    counter.add('b', NOW)
    expect(known()).toEqual(['a', 'b'])
    counter.add('a', NOW)
    counter.add('c', NOW)
    expect(known()).toEqual(['a', 'c'])
    counter.raise('d', { count: 9, resetAt: NOW + 1 }, NOW)
    expect(known()).toEqual(['c', 'd'])
  })

  it('holds 10,000 keys unless told otherwise', () => {
    const counter = new FailureCounter(100)
    for (let key = 0; key <= 10_000; key += 1) counter.add(String(key), NOW)
    expect(counter.read('0', NOW)).toBeUndefined()
    expect(counter.read('1', NOW)?.count).toBe(1)
  })
})
