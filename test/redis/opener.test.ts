import { describe, expect, it } from '@jest/globals'
import { RedisSourceError, retryDelayMs } from '../../lib/redis/opener.js'

describe('the wait before another attempt at a connection', () => {
  it.each([
    [1, 25, 50],
    [2, 50, 100],
    [10, 250, 500],
    [11, 250, 500],
    [1_000_000, 250, 500],
  ])('of attempt %i is %i to %i ms, so that a fleet does not come in step', (attempt, min, max) => {
    const delays = Array.from({ length: 300 }, () => retryDelayMs(attempt))
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(min)
    expect(Math.max(...delays)).toBeLessThanOrEqual(max)
    expect(new Set(delays).size).toBeGreaterThan(5)
    expect(delays.every(Number.isInteger)).toBe(true)
  })
})

describe('RedisSourceError', () => {
  it('is told from an outage by its name', () => {
    expect(new RedisSourceError('no client').name).toBe('RedisSourceError')
  })
})
