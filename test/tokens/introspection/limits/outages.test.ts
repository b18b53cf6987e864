import { beforeEach, describe, expect, it } from '@jest/globals'
import type { AuthEvent } from '../../../../lib/core/events/events.js'
import { FetchError } from '../../../../lib/net/fetch-error.js'
import { Outages } from '../../../../lib/tokens/introspection/limits/outages.js'
import { manualTimer } from '../../../support/manual-timer.js'

let events: AuthEvent[]
let outages: Outages

beforeEach(() => {
  events = []
  const emit = (event: AuthEvent): void => void events.push(event)
  outages = new Outages({ issuer: 'https://id.test\n', timer: manualTimer(), emit })
})

const failed = (options: object = {}): ReturnType<Outages['failed']> =>
  outages.failed(new FetchError('it broke\n', options))

describe('a call that failed', () => {
  it.each<[number | undefined, string, boolean]>([
    [401, 'introspection_unauthorized', true],
    [403, 'introspection_unauthorized', true],
    [429, 'introspection_unavailable', false],
    [500, 'introspection_unavailable', false],
    [undefined, 'introspection_unavailable', false],
  ])('by %p is 503 with the reason %s, and an event', (status, reason, unauthorized) => {
    expect(failed({ status })).toMatchObject({ status: 503, reason })
    expect(events).toEqual([
      {
        name: 'introspection.failed',
        issuer: expect.stringMatching(/^https:\/\/id\.test\S*$/),
        unauthorized,
        detail: expect.stringMatching(/^it broke[^\n]*$/),
      },
    ])
  })

  it.each([
    [7, 7],
    [60, 60],
    [61, 60],
    [9999, 60],
  ])('and asks for %i seconds gets %i, at most a minute', (retryAfterSeconds, expected) => {
    expect(failed({ status: 429, retryAfterSeconds }).retryAfterSeconds).toBe(expected)
  })

  it('tells to come back when the next call may be made, where nobody asked for more', () => {
    for (let before = 0; before < 3; before += 1) failed({ status: 500 })
    expect(failed({ status: 500 }).retryAfterSeconds).toBeGreaterThanOrEqual(4)
  })

  it('says why in 400 characters and three dots', () => {
    outages.failed(new FetchError('x'.repeat(1000)))
    expect((events[0] as { detail: string }).detail.length).toBe(403)
  })

  it('is remembered while the next would fare no better', () => {
    expect(outages.current()).toBeUndefined()
    failed({ status: 429, retryAfterSeconds: 7 })
    expect(outages.current()).toMatchObject({
      status: 503,
      reason: 'introspection_unavailable',
      retryAfterSeconds: 7,
      detail: expect.stringContaining('It failed a moment ago: it broke'),
    })
  })

  it('is over with the next answer, and that is told once', () => {
    outages.over()
    expect(events).toEqual([])
    failed({ status: 429 })
    outages.over()
    outages.over()
    expect(events.slice(1).map(({ name }) => name)).toEqual(['introspection.recovered'])
    expect(outages.current()).toBeUndefined()
  })

  it('was not made once the guard is closed: 503', () => {
    expect(outages.closed()).toMatchObject({
      status: 503,
      reason: 'introspection_unavailable',
      retryAfterSeconds: 1,
      detail: 'The guard was closed',
    })
  })
})
