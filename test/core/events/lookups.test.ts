import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, describe, expect, it } from '@jest/globals'
import {
  LOOKUP_CHANNEL,
  lookedUp,
  lookupStart,
  type Lookup,
} from '../../../lib/core/events/lookups.js'

const heard: unknown[] = []
const hear = (message: unknown): void => void heard.push(message)

afterEach(() => {
  unsubscribe(LOOKUP_CHANNEL, hear)
  heard.length = 0
})

describe('a look-up in the denylist', () => {
  it('takes no time while nobody listens, and nothing is told', () => {
    expect(lookupStart()).toBe(0)
    subscribe(LOOKUP_CHANNEL, hear)
    // It began before anybody listened, so that nobody knows how long it took.
    lookedUp(0, 'good')
    expect(heard).toEqual([])
  })

  it('is told with its duration and its outcome', () => {
    subscribe(LOOKUP_CHANNEL, hear)
    const startedAt = lookupStart()
    lookedUp(startedAt, 'revoked')
    const [lookup] = heard as Lookup[]
    expect(lookup).toEqual({ durationMs: expect.any(Number), outcome: 'revoked' })
    expect(lookup?.durationMs).toBeGreaterThanOrEqual(0)
  })
})
