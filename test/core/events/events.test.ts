import { createHash } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { Auth } from '../../../lib/core/auth/auth.js'
import {
  createEvents,
  digest,
  EVENT_CHANNEL,
  refusalEvent,
  tokenFacts,
} from '../../../lib/core/events/events.js'
import type { AuthEvent } from '../../../lib/core/events/auth-event.js'
import { AuthError, invalidToken } from '../../../lib/core/verdicts/errors.js'

const heard: unknown[] = []
const hear = (message: unknown): void => void heard.push(message)
const warnings: string[] = []
const expired = invalidToken('expired')
const recovered: AuthEvent = { name: 'keys.recovered', issuer: 'https://id.test' }
const failed: AuthEvent = { name: 'keys.failed', issuer: 'https://id.test', detail: 'gone' }
const auth = {
  issuer: 'https://id.test',
  clientId: undefined,
  subject: undefined,
  tokenId: 'id-1',
  transport: 'cookie',
} as Auth

beforeEach(() => {
  jest.spyOn(process, 'emitWarning').mockImplementation((text) => void warnings.push(String(text)))
})

afterEach(() => {
  unsubscribe(EVENT_CHANNEL, hear)
  jest.restoreAllMocks()
  heard.length = 0
  warnings.length = 0
})

describe('events', () => {
  it('go to the channel and to the listener alike', () => {
    const own: unknown[] = []
    subscribe('express-resource-server:event', hear)
    createEvents((event) => own.push(event)).emit(recovered)
    expect([heard, own]).toEqual([[recovered], [recovered]])
  })

  it('are built only while somebody listens', () => {
    const [silent, own] = [createEvents(), createEvents(() => undefined)]
    expect([silent.active, own.active, silent.now()]).toEqual([false, true, 0])
    silent.accepted('g', auth, undefined, 0)
    silent.refused('g', expired)
    subscribe(EVENT_CHANNEL, hear)
    expect(heard).toEqual([])
    expect(silent.active).toBe(true)
    expect(silent.now()).toBeGreaterThan(0)
    silent.accepted('g', auth, undefined, silent.now())
    silent.refused('g', expired)
    expect(heard).toMatchObject([
      { name: 'bearer.accepted', guard: 'g', durationMs: expect.any(Number) },
      { name: 'request.refused', guard: 'g', reason: 'expired' },
    ])
  })

  it('tell no duration of a verdict that began before anybody listened', () => {
    subscribe(EVENT_CHANNEL, hear)
    createEvents().accepted('g', auth, undefined, 0)
    createEvents().refused('g', expired, { startedAt: 0 })
    expect(heard[0]).toMatchObject({ durationMs: 0 })
    expect(heard[1]).not.toHaveProperty('durationMs')
  })

  it('tell how long a verdict took', () => {
    const startedAt = performance.now() - 1000
    const events = createEvents(hear)
    events.accepted('g', auth, undefined, startedAt)
    events.refused('g', expired, { startedAt })
    for (const { durationMs } of heard as { durationMs: number }[]) {
      expect(Math.floor(durationMs / 1000)).toBe(1)
    }
  })

  it('are advice where nobody listens, and none where somebody does', () => {
    const advised = createEvents(undefined, true)
    advised.emit(failed)
    advised.refused('requireBearer', expired)
    expect(warnings).toEqual([
      expect.stringContaining('The keys of https://id.test'),
      expect.stringContaining('requireBearer refused a request (expired)'),
    ])
    subscribe(EVENT_CHANNEL, hear)
    createEvents(undefined, true).emit(failed)
    createEvents(undefined, true).refused('requireBearer', expired)
    createEvents(() => undefined, true).refused('requireBearer', expired)
    expect(warnings).toHaveLength(2)
  })

  it('are lost by a listener that fails, which is told of once', async () => {
    const events = createEvents(() => Promise.reject(new TypeError('x')))
    events.emit(recovered)
    events.emit(recovered)
    await Promise.resolve()
    expect(warnings).toEqual(['An onEvent listener failed (TypeError); its events are being lost'])
  })

  it('say nothing where advice is turned off', () => {
    const events = createEvents(undefined, false)
    events.emit(failed)
    events.refused('g', expired)
    expect(warnings).toEqual([])
  })
})

const short = (value: string): string =>
  createHash('sha256').update(value).digest('base64url').slice(0, 16)

describe('what an event tells', () => {
  it('of a refusal, no more than is known', () => {
    expect({ ...refusalEvent('g', expired) }).toEqual({
      name: 'request.refused',
      guard: 'g',
      code: 'invalid_token',
      reason: 'expired',
      family: 'credential',
      status: 401,
    })
  })

  it('of a refusal, its detail on one line, its token and what would have been enough', () => {
    const error = new AuthError('insufficient_scope', {
      reason: 'scope_missing',
      detail: `a\nb${'x'.repeat(500)}`,
      scopes: ['read'],
    })
    expect(refusalEvent('g', error, { auth })).toMatchObject({
      detail: `a?b${'x'.repeat(397)}...`,
      requiredScopes: ['read'],
      token: tokenFacts(auth),
    })
  })

  it('of a token, digests of what names a person, and no more than is known', () => {
    expect(digest('id-1')).toBe(short('id-1'))
    const facts = { issuer: 'https://id.test', tokenIdDigest: short('id-1'), transport: 'cookie' }
    expect(tokenFacts(auth)).toEqual({ ...facts, clientId: undefined, subjectDigest: undefined })
    expect(tokenFacts({ ...auth, clientId: 'a\nb', subject: 'alice' })).toEqual({
      ...facts,
      clientId: 'a?b',
      subjectDigest: short('alice'),
    })
  })
})
