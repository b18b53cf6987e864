import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { Auth } from '../../../lib/core/auth/auth.js'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import {
  authOf,
  authState,
  enterStoreGuard,
  misplaced,
  optionalAuthOf,
  setAuthState,
} from '../../../lib/http/guard/auth-state.js'
import type { Denylist } from '../../../lib/http/guard/recheck.js'
import { createResponder } from '../../../lib/http/guard/responder.js'
import { EVENT_CHANNEL, type AuthEvent } from '../../../lib/index.js'

const auth = { issuer: 'i', subject: 's', tokenId: 't', transport: 'header' } as unknown as Auth
const responder = createResponder(optionCheck('requireBearer'), {})

const events: AuthEvent[] = []
const hear = (message: unknown): void => void events.push(message as AuthEvent)

beforeEach(() => {
  events.length = 0
})

afterEach(() => {
  unsubscribe(EVENT_CHANNEL, hear)
  jest.restoreAllMocks()
})

function requestWith(state?: { readonly auth: Auth | undefined }): IncomingMessage {
  const req = new IncomingMessage(new Socket())
  if (state !== undefined) {
    const token = state.auth && { auth: state.auth }
    setAuthState(req, { ...state, responder, token, res: new ServerResponse(req) })
  }
  return req
}

describe('the verified token of a request', () => {
  it('is read where requireBearer left it, and stands in req.auth for other middlewares', () => {
    const req = requestWith({ auth })
    expect([authOf(req), optionalAuthOf(req), authState(req)?.auth]).toEqual([auth, auth, auth])
    expect(req).toHaveProperty('auth', auth)
  })

  it('is not what somebody else wrote to req.auth', () => {
    const req = Object.assign(requestWith({ auth }), { auth: { subject: 'admin' } })
    expect(authOf(req)).toBe(auth)
    const stranger = Object.assign(requestWith(), { auth })
    expect(() => authOf(stranger)).toThrow(/no requireBearer ran/)
  })

  it('is undefined for an anonymous request, and only optionalAuthOf says so', () => {
    const req = requestWith({ auth: undefined })
    expect(optionalAuthOf(req)).toBeUndefined()
    expect(() => authOf(req)).toThrow(/anonymous, because requireBearer has optional: true/)
  })

  it('is a fault of the program where no requireBearer ran', () => {
    expect(authState(requestWith())).toBeUndefined()
    expect(() => authOf(requestWith())).toThrow(/Mount requireBearer first/)
    expect(() => optionalAuthOf(requestWith())).toThrow(/Mount requireBearer first/)
  })

  it('is known to other copies of this package', () => {
    const state = Symbol.for('express-resource-server.state')
    expect(Object.getOwnPropertySymbols(requestWith({ auth }))).toContain(state)
  })
})

function detail(guard: string): string {
  return `${guard}: no requireBearer ran before it on this route. Mount requireBearer first, then ${guard}`
}

describe('misplaced', () => {
  it('hands a fault to the app, and warns once for each guard', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue()
    subscribe(EVENT_CHANNEL, hear)
    const faults: unknown[] = []
    for (const guard of ['guardA', 'guardA', 'guardB'])
      misplaced(guard, (fault) => faults.push(fault))
    expect(faults).toEqual(['guardA', 'guardA', 'guardB'].map((guard) => new Error(detail(guard))))
    expect(warn.mock.calls).toEqual(
      ['guardA', 'guardB'].map((guard) => [detail(guard), { code: 'ERS_GUARD_MISPLACED' }]),
    )
    expect(events).toEqual(
      ['guardA', 'guardA', 'guardB'].map((guard) => ({
        name: 'guard.misplaced',
        guard,
        detail: detail(guard),
      })),
    )
  })
})

const denylistOf = (name: string): Denylist => ({
  recheck: { again: () => name, bypass: () => false },
  before: undefined,
})

describe('enterStoreGuard', () => {
  const [first, second] = [denylistOf('first'), denylistOf('second')]

  it('notes the guard for streams that the token opens, beside those in front of it', () => {
    const req = requestWith({ auth })
    const next = jest.fn()
    expect(enterStoreGuard('guard', first, req, next)).toBe(authState(req))
    expect(authState(req)?.denylist).toBe(first)
    enterStoreGuard('guard', second, req, next)
    expect(authState(req)?.denylist).toEqual({ recheck: second.recheck, before: first })
    expect(next).not.toHaveBeenCalled()
  })

  it('keeps the guards in front of a second requireBearer', () => {
    const req = requestWith({ auth })
    enterStoreGuard('guard', first, req, jest.fn())
    setAuthState(req, { auth, responder, token: { auth }, res: new ServerResponse(req) })
    expect(authState(req)?.denylist).toBe(first)
  })

  it('lets an anonymous request pass, of which nothing can be asked', () => {
    const req = requestWith({ auth: undefined })
    const next = jest.fn()
    expect(enterStoreGuard('guard', first, req, next)).toBeUndefined()
    expect(next.mock.calls).toEqual([[]])
    expect(authState(req)?.denylist).toBeUndefined()
  })

  it('is a fault of the program where no requireBearer ran', () => {
    jest.spyOn(process, 'emitWarning').mockReturnValue()
    const next = jest.fn()
    expect(enterStoreGuard('aGuard', first, requestWith(), next)).toBeUndefined()
    expect(next.mock.calls).toEqual([[new Error(detail('aGuard'))]])
  })
})
