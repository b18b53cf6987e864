import { describe, expect, it } from '@jest/globals'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { refusalEvent, type AuthEvent } from '../../../lib/core/events/events.js'
import { invalidToken } from '../../../lib/core/verdicts/errors.js'
import { FetchHead } from '../../../lib/http/request/fetch-head.js'
import { NodeHead } from '../../../lib/http/request/node-head.js'
import {
  headOf,
  requestIdOf,
  routeOf,
  traceIdOf,
} from '../../../lib/metrics/listening/request-facts.js'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const REFUSAL = invalidToken('expired', 'x')

function eventOf(request?: object): AuthEvent {
  return refusalEvent('requireBearer', REFUSAL, request === undefined ? {} : { told: request })
}
const node = (more: object = {}): IncomingMessage =>
  Object.assign(new IncomingMessage(new Socket()), { method: 'GET', url: '/notes/7' }, more)

describe('the request of an event', () => {
  it('is read by the kind of its host', () => {
    expect(headOf(eventOf(node()))).toBeInstanceOf(NodeHead)
    const fetched = new FetchHead(new Request('https://api.test/'))
    expect(headOf(eventOf(fetched))).toBe(fetched)
  })

  it.each([undefined, {}, { headers: 'x' }])('is none for %j', (request) => {
    expect(headOf(eventOf(request))).toBeUndefined()
  })

  it.each<[unknown, string | undefined]>([
    [{ path: '/notes/:id' }, '/notes/:id'],
    [{ path: ['/a', '/b'] }, undefined],
    [{ path: /x/ }, undefined],
    ['/notes', undefined],
    [undefined, undefined],
  ])('has the route %j as the pattern %p', (route, expected) => {
    expect(routeOf(eventOf(node({ route })))).toBe(expected)
  })

  it.each<[unknown, string | undefined]>([
    ['r-1', 'r-1'],
    [7, '7'],
    [{}, undefined],
    [undefined, undefined],
  ])('with the id %j is called %p', (id, expected) => {
    expect(requestIdOf(eventOf(node({ id })))).toBe(expected)
  })

  it('keeps ids and patterns on one line', () => {
    const request = node({ id: 'a\nb', route: { path: '/a\nb' } })
    expect(requestIdOf(eventOf(request))).not.toContain('\n')
    expect(routeOf(eventOf(request))).not.toContain('\n')
  })

  it('has neither where there is no request', () => {
    expect([requestIdOf(eventOf()), routeOf(eventOf())]).toEqual([undefined, undefined])
  })
})

it.each([
  [`00-${TRACE}-00f067aa0ba902b7-01`, TRACE],
  [`01-${TRACE}-00f067aa0ba902b7-00`, TRACE],
  [`00-${TRACE}-00f067aa0ba902b7-01-x`, undefined],
  [`x00-${TRACE}-00f067aa0ba902b7-01`, undefined],
  [`00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`, undefined],
  [`00-${TRACE.slice(1)}-00f067aa0ba902b7-01`, undefined],
  [undefined, undefined],
])('traceparent %p is of the trace %p', (traceparent, expected) => {
  const headers: Record<string, string> = traceparent === undefined ? {} : { traceparent }
  expect(traceIdOf(new FetchHead(new Request('https://api.test/', { headers })))).toBe(expected)
})
