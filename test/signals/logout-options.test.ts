import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../lib/core/options/option-check.js'
import { checkLogoutOptions, isScoped } from '../../lib/signals/logout-options.js'

const check = optionCheck('universalLogout')
const SIGNED = { issuer: 'https://id.test', audience: 'https://api.test/sign-out' }
const SHARED = {
  subjectIssuers: 'https://id.test',
  resolveSubject: () => undefined,
  families: { revokeSubject: async () => undefined },
  onEvent: () => undefined,
  advice: false,
}

describe('options of universalLogout', () => {
  it.each([
    [{ scope: 'a' }, true],
    [{ scope: '' }, true],
    [{ scope: undefined, ...SIGNED }, false],
    [SIGNED, false],
    [undefined, false],
  ])('%j are those of access tokens: %p', (options, expected) => {
    expect(isScoped(options as never)).toBe(expected)
  })

  it.each([
    ['a scope', { scope: 'a', ...SHARED }],
    ['a scope that is undefined', { ...SIGNED, scope: undefined }],
    ['a sender', { ...SIGNED, ...SHARED, clientId: 'c', replay: undefined, clock: () => 0 }],
  ])('are known with %s', (_what, options) => {
    expect(() => checkLogoutOptions(check, options as never)).not.toThrow()
  })

  it.each([
    ['audience', { scope: 'a', audience: 'b' }, /unknown option "audience"/],
    ['clientId', { scope: 'a', clientId: 'b' }, /unknown option "clientId"/],
    ['replay', { scope: 'a', replay: {} }, /unknown option "replay"/],
    ['scopes', { ...SIGNED, scopes: 'a' }, /unknown option "scopes"/],
    ['an onEvent that is none', { ...SIGNED, onEvent: 'log' }, /"onEvent" must be a function/],
  ])('are refused with %s', (_what, options, message) => {
    expect(() => checkLogoutOptions(check, options as never)).toThrow(message)
  })
})
