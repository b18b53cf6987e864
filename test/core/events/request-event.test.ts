import { inspect } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import type { AuthEvent } from '../../../lib/core/events/auth-event.js'
import { AcceptedEvent, requestOf, RequestEvent } from '../../../lib/core/events/request-event.js'

const request = { headers: { authorization: 'Bearer secret' } }
const asEvent = (value: object): AuthEvent => value as AuthEvent

describe('an event that a request brought about', () => {
  const event = Object.assign(new RequestEvent(request), { name: 'request.refused' })

  it('knows its request, for who asks', () => {
    expect(requestOf(asEvent(event))).toBe(request)
  })

  it.each<[string, (value: object) => string]>([
    ['JSON', (value) => JSON.stringify(value)],
    ['the console', (value) => inspect(value, { showHidden: true, depth: 9 })],
    ['a copy', (value) => JSON.stringify(Object.entries(value))],
  ])('shows nothing of it to %s', (_name, print) => {
    expect(print(event)).toContain('request.refused')
    expect(print(event)).not.toContain('secret')
    expect(requestOf(asEvent(Object.fromEntries(Object.entries(event))))).toBeUndefined()
  })

  it('has none where no request brought it about', () => {
    expect(requestOf(asEvent(new RequestEvent(undefined)))).toBeUndefined()
    expect(requestOf(asEvent({ name: 'x' }))).toBeUndefined()
  })

  it('may be of another copy of this package, which is believed only where it gives an object', () => {
    const symbol = Symbol.for('express-resource-server.request')
    expect(requestOf(asEvent({ [symbol]: request }))).toBe(request)
    expect(requestOf(asEvent({ [symbol]: 'secret' }))).toBeUndefined()
    expect(requestOf(asEvent({ [symbol]: null }))).toBeUndefined()
  })
})

describe('an event of a token that passed', () => {
  it('says by which guard, and for how long it was judged', () => {
    const token = { issuer: 'https://id.test' } as never
    const event = new AcceptedEvent('requireBearer', request, token, 1.5)
    expect(Object.fromEntries(Object.entries(event))).toEqual({
      name: 'bearer.accepted',
      guard: 'requireBearer',
      token,
      durationMs: 1.5,
    })
    expect(requestOf(asEvent(event))).toBe(request)
  })
})
