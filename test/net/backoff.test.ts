import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { nextFailure, type Failure } from '../../lib/net/backoff.js'
import { FetchError } from '../../lib/net/fetch-error.js'

const NOW = 1_000_000

afterEach(() => {
  jest.restoreAllMocks()
})

/** The last of so many failures in a row, with this chance and this error. */
function failureAfter(count: number, random: number, error: unknown = new Error('down')): Failure {
  jest.spyOn(Math, 'random').mockReturnValue(random)
  let failure: Failure | undefined
  for (let index = 0; index < count; index += 1) failure = nextFailure(failure, error, NOW)
  return failure!
}

describe('nextFailure', () => {
  it.each([
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [4, 8000],
    [6, 32_000],
    [7, 60_000],
    [100, 60_000],
  ])(
    'tries failure %d again in the background after %d ms, half of it random',
    (count, longest) => {
      expect(failureAfter(count, 0).retryAt - NOW).toBe(longest / 2)
      expect(failureAfter(count, 0.5).retryAt - NOW).toBe(longest * 0.75)
      expect(failureAfter(count, 1).retryAt - NOW).toBe(longest)
      expect(failureAfter(count, 1).count).toBe(count)
    },
  )

  it.each([
    [1, 500, 1000],
    [3, 2000, 4000],
    [4, 4000, 5000],
    [5, 5000, 5000],
    [100, 5000, 5000],
  ])('lets a request ask again after failure %d in %d to %d ms', (count, least, most) => {
    expect(failureAfter(count, 0).askAgainAt - NOW).toBe(least)
    expect(failureAfter(count, 1).askAgainAt - NOW).toBe(most)
  })

  it.each([
    [0, 500, 500],
    [0.2, 500, 500],
    [3, 3000, 3000],
    [60, 60_000, 60_000],
    [61, 60_000, 60_000],
    [86_400, 60_000, 60_000],
  ])('waits as Retry-After: %d asks, up to a minute', (retryAfterSeconds, retry, askAgain) => {
    const { retryAt, askAgainAt } = failureAfter(
      1,
      0,
      new FetchError('busy', { retryAfterSeconds }),
    )
    expect([retryAt - NOW, askAgainAt - NOW]).toEqual([retry, askAgain])
  })

  it('waits its own time where that is longer than Retry-After', () => {
    const busy = new FetchError('busy', { retryAfterSeconds: 6 })
    const { retryAt, askAgainAt } = failureAfter(6, 1, busy)
    expect([retryAt - NOW, askAgainAt - NOW]).toEqual([32_000, 6000])
  })

  it('keeps what went wrong, whatever was thrown', () => {
    expect(failureAfter(1, 0).message).toBe('down')
    expect(failureAfter(1, 0, 'odd').message).toBe('odd')
    const odd = Object.assign(new Error('odd'), { retryAfterSeconds: 30 })
    expect(failureAfter(1, 0, odd).retryAt - NOW).toBe(500)
  })
})
