import { describe, expect, it } from '@jest/globals'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Auth } from '../../lib/core/auth/auth.js'
import { optionCheck } from '../../lib/core/options/option-check.js'
import { AuthError } from '../../lib/core/verdicts/errors.js'
import { setAuthState } from '../../lib/http/guard/auth-state.js'
import { createResponder } from '../../lib/http/guard/responder.js'
import { scopedCallers, type LogoutCaller } from '../../lib/signals/logout-callers.js'
import type { ScopedLogoutOptions } from '../../lib/signals/logout-options.js'
import type { Subject } from '../../lib/signals/subject/subject.js'
import { authWith, behindBearer } from '../support/behind-bearer.js'

const check = optionCheck('universalLogout')
const CANONICAL = 'https://id.test'
const SPELLING = 'https://id.test/'
const AUTH = authWith({ issuer: SPELLING, revocationIssuer: CANONICAL })

const callersOf = (options: Partial<ScopedLogoutOptions> = {}): ReturnType<typeof scopedCallers> =>
  scopedCallers(check, 'universalLogout', { scope: 'sign-out', ...options })

async function callerOf(auth: Auth, options?: Partial<ScopedLogoutOptions>): Promise<LogoutCaller> {
  const req = new IncomingMessage(new Socket())
  const responder = createResponder(optionCheck('requireBearer'), {})
  setAuthState(req, { auth, responder, token: undefined, res: new ServerResponse(req) })
  const caller = await callersOf(options).identify(req)
  if (caller instanceof AuthError) throw caller
  return caller
}

const userOf = (iss: string): Subject => ({ format: 'iss_sub', iss, sub: 'ada' })
const user = (issuer: string): object => ({ kind: 'user', issuer, subject: 'ada' })

describe('scopedCallers', () => {
  it.each([
    [['sign-out', 'notes:read'], 'next'],
    [['sign-out-all'], expect.objectContaining({ status: 403, reason: 'scope_missing' })],
    [[], expect.objectContaining({ challenge: expect.stringContaining('scope="sign-out"') })],
  ])('asks for the scope: %j', (scopes, expected) => {
    const auth = authWith({ scopes: new Set(scopes) })
    expect(behindBearer(callersOf().guard, auth)).toEqual(expected)
  })

  it('asks an anonymous request for a token', () => {
    expect(behindBearer(callersOf().guard, undefined)).toMatchObject({ status: 401 })
  })

  it.each([SPELLING, CANONICAL])(
    'finds users of the issuer of the token, by the name that revocations have for it: %s',
    async (iss) => {
      const { issuer, resolve } = await callerOf(AUTH)
      expect(issuer).toBe(SPELLING)
      expect(await resolve(userOf(iss), false)).toEqual([user(CANONICAL)])
      const opaque: Subject = { format: 'opaque', id: 'ada' }
      expect(await resolve(opaque, false)).toEqual([user(CANONICAL)])
    },
  )

  it('finds users of the issuer where a verifier of the app has no other name for revocations', async () => {
    const auth = { ...AUTH, revocationIssuer: undefined } as never as Auth
    const { resolve } = await callerOf(auth)
    expect(await resolve(userOf(SPELLING), false)).toEqual([user(SPELLING)])
    expect(await resolve({ format: 'opaque', id: 'ada' }, false)).toEqual([user(SPELLING)])
  })

  it.each([{ issuer: undefined, revocationIssuer: undefined }, { issuer: undefined }])(
    'is a fault of the program where such a verifier names no issuer: %j',
    async (names) => {
      const auth = { ...AUTH, ...names } as never as Auth
      await expect(callerOf(auth)).rejects.toThrow(/names no issuer/)
    },
  )

  it('finds none of another issuer', async () => {
    const { resolve } = await callerOf(AUTH)
    const refusal = await resolve(userOf('https://else.test'), false)
    expect(refusal).toMatchObject({ reason: 'foreign_subject' })
  })

  it('finds those of the issuers that are named, and no others', async () => {
    const { resolve } = await callerOf(AUTH, { subjectIssuers: 'https://users.test' })
    expect(await resolve(userOf('https://users.test'), false)).toEqual([user('https://users.test')])
    expect(await resolve(userOf(CANONICAL), false)).toMatchObject({ reason: 'foreign_subject' })
  })

  it('does not use an access token up', async () => {
    const { useUp } = await callerOf(AUTH)
    expect(await useUp()).toBeUndefined()
    expect(await useUp()).toBeUndefined()
  })

  it.each(['', 'two scopes', 'quo"te', 7])('refuses the scope %p', (scope) => {
    expect(() => callersOf({ scope: scope as never })).toThrow(/"scope" must be/)
  })

  it('takes families of any issuer where no issuer is named', () => {
    const families = { issuer: 'https://f.test', revokeSubject: async () => undefined }
    expect(() => callersOf({ families })).not.toThrow()
    expect(() => callersOf({ families, subjectIssuers: CANONICAL })).toThrow(/"families" must be/)
  })
})
