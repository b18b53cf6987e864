import { describe, expect, it } from '@jest/globals'
import { createSeen, type Seen } from '../../lib/signals/seen.js'

const remembering = (max = 10): Seen<string> =>
  createSeen<string>(max, (answer) => answer === 'good')

describe('a memory of events', () => {
  it('does a good one once', async () => {
    const seen = remembering()
    let done = 0
    const take = async (): Promise<string> => {
      done += 1
      return 'good'
    }
    expect(seen.has('a')).toBe(false)
    expect(await Promise.all([seen.once('a', take), seen.once('a', take)])).toEqual([
      'good',
      'good',
    ])
    expect(await seen.once('a', take)).toBe('good')
    expect([done, seen.has('a')]).toEqual([1, true])
  })

  it('does another anew', async () => {
    const seen = remembering()
    expect(await seen.once('a', async () => 'good')).toBe('good')
    expect(await seen.once('b', async () => 'bad')).toBe('bad')
  })

  it('forgets one that was refused', async () => {
    const seen = remembering()
    expect(await seen.once('a', async () => 'bad')).toBe('bad')
    expect(seen.has('a')).toBe(false)
    expect(await seen.once('a', async () => 'good')).toBe('good')
  })

  it('forgets one that failed, and passes the failure on', async () => {
    const seen = remembering()
    await expect(seen.once('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down')
    expect(seen.has('a')).toBe(false)
  })

  it('holds the latest so many', async () => {
    const seen = remembering(2)
    for (const key of ['a', 'b', 'c']) await seen.once(key, async () => 'good')
    expect(['a', 'b', 'c'].map((key) => seen.has(key))).toEqual([false, true, true])
  })
})
