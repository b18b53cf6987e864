import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { Auth } from '../../../lib/core/auth/auth.js'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import { authGuard, type AuthGuardRule } from '../../../lib/http/guard/auth-guard.js'
import { setAuthState } from '../../../lib/http/guard/auth-state.js'
import { factsOf } from '../../../lib/http/guard/facts.js'
import type { OnRefuse } from '../../../lib/http/guard/middleware.js'
import { createResponder } from '../../../lib/http/guard/responder.js'

const auth = { issuer: 'i', subject: 's', tokenId: 't', transport: 'header' } as unknown as Auth
const refusal = new AuthError('insufficient_scope', { reason: 'role_missing' })
const clock = (): number => 7

const refused = jest.fn<OnRefuse>()
const responder = createResponder(optionCheck('requireBearer'), { clock, onRefuse: refused })
const judge = jest.fn<AuthGuardRule['judge']>()
const guard = authGuard({ guard: 'requireThing', scopes: ['read'], judge })

/** @returns what `next` was called with. */
function run(mounted = guard, state?: { readonly auth: Auth | undefined }): readonly unknown[] {
  const req = new IncomingMessage(new Socket())
  const res = new ServerResponse(req)
  if (state !== undefined) setAuthState(req, { ...state, responder, token: undefined, res })
  const passed: (readonly unknown[])[] = []
  mounted(req, res, (...given) => void passed.push(given))
  return passed
}

describe('authGuard', () => {
  beforeEach(() => {
    judge.mockReset()
    refused.mockReset()
  })

  it('lets a token pass that its rule takes, judged by the clock of the guard in front', () => {
    expect(run(guard, { auth })).toEqual([[]])
    expect(judge).toHaveBeenCalledWith(auth, expect.any(IncomingMessage), clock)
    expect(refused).not.toHaveBeenCalled()
  })

  it('answers as the guard in front does where its rule refuses', () => {
    judge.mockReturnValue(refusal)
    expect(run(guard, { auth })).toEqual([])
    expect(refused.mock.calls.map(([error]) => error)).toEqual([refusal])
  })

  it('asks an anonymous request for a token with its scopes, and judges nothing', () => {
    expect(run(guard, { auth: undefined })).toEqual([])
    expect(refused.mock.calls[0]?.[0]).toMatchObject({
      code: 'no_credential',
      reason: 'no_credential',
      scopes: ['read'],
    })
    expect(judge).not.toHaveBeenCalled()
  })

  it('answers by its own onRefuse, where it has one', () => {
    judge.mockReturnValue(refusal)
    const own = jest.fn<OnRefuse>()
    const rule = { guard: 'requireThing', scopes: [], judge }
    run(authGuard(rule, { onRefuse: own }), { auth })
    expect(own.mock.calls.map(([error]) => error)).toEqual([refusal])
    expect(refused).not.toHaveBeenCalled()
  })

  it('is a fault of the program where no requireBearer is in front', () => {
    jest.spyOn(process, 'emitWarning').mockReturnValue()
    const fault = expect.objectContaining({ message: expect.stringMatching(/^requireThing: no /) })
    expect(run()).toEqual([[fault]])
    expect(refused).not.toHaveBeenCalled()
  })

  it.each<[object, RegExp]>([
    [{ onRefused: refused }, /^requireThing: .*"onRefuse"/],
    [{ onRefuse: 403 }, /^requireThing: "onRefuse" must be a function/],
  ])('refuses the options %p at construction', (options, complaint) => {
    const rule = { guard: 'requireThing', scopes: [], judge }
    expect(() => authGuard(rule, options)).toThrow(complaint)
  })

  it('tells an audit that it judges rights', () => {
    expect(factsOf(guard)).toEqual([{ kind: 'rights' }])
  })
})
