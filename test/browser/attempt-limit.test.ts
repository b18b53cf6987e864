import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { beforeEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import { attemptLimit, type AttemptLimit } from '../../lib/browser/attempt-limit.js'
import type { Place } from '../../lib/browser/attempt-store.js'
import { optionCheck } from '../../lib/core/options/option-check.js'
import type { AuthError } from '../../lib/core/verdicts/errors.js'
import { createResponder, type Exchange } from '../../lib/http/guard/responder.js'

const app = express()
let limit: AttemptLimit

beforeEach(() => {
  const responder = createResponder(optionCheck('authRateLimit'), {})
  limit = attemptLimit({
    name: 'login-network',
    limit: 2,
    windowMs: 60_000,
    redis: undefined,
    responder,
  })
})

interface Outcome {
  readonly place?: Place
  readonly error?: unknown
  readonly res: ServerResponse
}

/** Requests of Express without a socket: the library writes its headers by methods of Express. */
function attempt(
  key: string,
  isExpress: 'both' | 'req' | 'res' | 'none' = 'both',
): Promise<Outcome> {
  const req = new IncomingMessage(new Socket())
  const res = new ServerResponse(req)
  if (isExpress === 'both' || isExpress === 'req') Object.setPrototypeOf(req, app.request)
  if (isExpress === 'both' || isExpress === 'res') Object.setPrototypeOf(res, app.response)
  return new Promise((resolve) => {
    const exchange = { req, res, next: (error?: unknown) => resolve({ error, res }) } as Exchange
    Object.assign(res, { end: () => resolve({ res }) })
    limit(key, exchange, (place) => resolve({ place, res }))
  })
}

describe('a limit of attempts', () => {
  it('gives a place to each, and says how many are left', async () => {
    const { place, res } = await attempt('a')
    expect(place).toEqual({ end: expect.any(Function) })
    expect(res.getHeader('RateLimit')).toMatch(/^"login-network"; r=1; t=60$/)
    expect(res.getHeader('RateLimit-Policy')).toMatch(/^"login-network"; q=2; w=60; pk=:/)
    expect(res.hasHeader('X-RateLimit-Limit')).toBe(false)
  })

  it('refuses with 429 once failures have filled it, until the window ends', async () => {
    for (let n = 0; n < 2; n += 1) (await attempt('a')).place!.end(true)
    const { place, error, res } = await attempt('a')
    expect([place, error, res.statusCode]).toEqual([undefined, undefined, 429])
    expect(res.getHeader('Retry-After')).toBe('60')
  })

  it('counts each key for itself', async () => {
    for (let n = 0; n < 2; n += 1) (await attempt('a')).place!.end(true)
    expect((await attempt('b')).place).toBeDefined()
  })

  it('takes a place back from an attempt that ended well', async () => {
    for (let n = 0; n < 5; n += 1) (await attempt('a')).place!.end(false)
    expect((await attempt('a')).res.getHeader('RateLimit')).toContain('r=1')
  })

  it.each(['none', 'req', 'res'] as const)('hands on an error off Express (%s)', async (which) => {
    const { error } = await attempt('a', which)
    expect(error).toEqual(new Error('authRateLimit: express-rate-limit works on Express only'))
  })
})

describe('an answer of 429', () => {
  it('is told as rate_limited, by the name of the limit', async () => {
    const refused: [string, AuthError][] = []
    const responder = createResponder(optionCheck('authRateLimit'), {
      onEvent: (event) => void refused.push([event.name, event as never]),
    })
    limit = attemptLimit({
      name: 'login-account',
      limit: 1,
      windowMs: 60_000,
      redis: undefined,
      responder,
    })
    ;(await attempt('a')).place!.end(true)
    await attempt('a')
    expect(refused).toEqual([
      [
        'request.refused',
        expect.objectContaining({
          guard: 'authRateLimit',
          code: 'too_many_requests',
          reason: 'rate_limited',
          detail: 'Too many failures or attempts under way, by login-account',
        }),
      ],
    ])
  })
})
