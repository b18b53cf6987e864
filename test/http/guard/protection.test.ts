import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import {
  protectionOf,
  scopesOf,
  withProtection,
  withScopes,
} from '../../../lib/http/guard/protection.js'
import { createResponder } from '../../../lib/http/guard/responder.js'

const protection = {
  issuers: ['i'],
  responder: createResponder(optionCheck('requireBearer'), {}),
}

describe('what a guard tells of itself', () => {
  it('is its protection, and the scopes that it asks for', () => {
    const guard = {}
    expect([protectionOf(guard), scopesOf(guard)]).toEqual([undefined, undefined])
    expect(withProtection(guard, protection)).toBe(guard)
    expect(withScopes(guard, ['read'])).toBe(guard)
    expect(protectionOf(guard)).toBe(protection)
    expect(scopesOf(guard)).toEqual(['read'])
    expect(Object.keys(guard)).toEqual([])
  })

  it('is changed by nobody afterwards', () => {
    const scopes = ['read']
    const guard = withScopes(() => undefined, scopes)
    expect(() => scopes.push('write')).toThrow(TypeError)
    expect(scopesOf(guard)).toEqual(['read'])
  })

  it('is known to other copies of this package', () => {
    const name = 'express-resource-server'
    const other = { [Symbol.for(`${name}.protection`)]: protection }
    expect(protectionOf(other)).toBe(protection)
    expect(scopesOf({ [Symbol.for(`${name}.scopes`)]: ['read'] })).toEqual(['read'])
  })
})
