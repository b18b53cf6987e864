import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { channel } from 'node:diagnostics_channel'
import { EVENT_CHANNEL, type AuthEvent } from '../../../lib/core/events/events.js'
import { LOOKUP_CHANNEL } from '../../../lib/core/events/lookups.js'
import {
  failureWarning,
  listen,
  listenToLookups,
} from '../../../lib/metrics/listening/subscription.js'

const events = channel(EVENT_CHANNEL)
const lookups = channel(LOOKUP_CHANNEL)
const EVENT = { name: 'keys.refreshed' }
const LOOKUP = { durationMs: 1, outcome: 'live' }

let stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops) stop()
  stops = []
  jest.restoreAllMocks()
})

function heard(hear?: (event: AuthEvent) => unknown): unknown[] {
  const list: unknown[] = []
  const subscription = listen('pinoAudit', (event) => {
    list.push(event)
    return hear?.(event)
  })
  stops.push(() => subscription.stop())
  return list
}

describe('a subscription', () => {
  it('hears each event once, and none once it is stopped', () => {
    expect(events.hasSubscribers).toBe(false)
    const list = heard()
    events.publish(EVENT)
    expect(list).toEqual([EVENT])
    for (const stop of stops) stop()
    events.publish(EVENT)
    expect(list).toHaveLength(1)
    expect(events.hasSubscribers).toBe(false)
  })

  it.each([undefined, 'text', {}, { name: 7 }])('hears nothing that is no event: %j', (message) => {
    const list = heard()
    events.publish(message)
    expect(list).toEqual([])
  })

  it('hears look-ups in a channel of their own', () => {
    const list: unknown[] = []
    const subscription = listenToLookups('x', (lookup) => list.push(lookup))
    stops.push(() => subscription.stop())
    for (const message of [LOOKUP, {}, { durationMs: '1' }, undefined]) lookups.publish(message)
    events.publish(EVENT)
    expect(list).toEqual([LOOKUP])
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new RangeError('the token')
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('the token'))],
  ])('that %s is told once, without what it says, and others hear on', async (_how, fail) => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    heard(fail)
    const other = heard()
    events.publish(EVENT)
    events.publish(EVENT)
    await Promise.resolve()
    await Promise.resolve()
    expect(other).toHaveLength(2)
    expect(warned).toHaveBeenCalledTimes(1)
    expect(String(warned.mock.calls[0]?.[0])).toMatch(/^pinoAudit: its sink failed \(RangeError\)/)
  })

  it('that never answers holds nobody up', () => {
    heard(() => new Promise(() => undefined))
    const other = heard()
    events.publish(EVENT)
    expect(other).toHaveLength(1)
  })
})

it('tells of a failure that is no error by its kind', () => {
  const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  failureWarning('otelMetrics')('secret')
  expect(String(warned.mock.calls[0]?.[0])).toMatch(/otelMetrics: its sink failed \(string\)/)
})
