import { describe, expect, it } from '@jest/globals'
import { expandScopes, hasAll, isScopeToken, splitScope } from '../../../lib/core/auth/scope.js'

describe('a text of scopes', () => {
  it.each<[string, string[]]>([
    ['a b', ['a', 'b']],
    ['  a   b ', ['a', 'b']],
    ['a\tb', ['a\tb']],
    ['', []],
    [' ', []],
  ])('%j holds %j', (text, scopes) => {
    expect(splitScope(text)).toEqual(scopes)
  })
})

describe('one scope', () => {
  it.each<[string, boolean]>([
    ['notes:read', true],
    ['!', true],
    ['~', true],
    ['#[]', true],
    ['', false],
    ['a b', false],
    ['a"b', false],
    ['a\\b', false],
    ['ä', false],
    ['a\n', false],
    ['\u007F', false],
  ])('%j may be one: %p', (scope, expected) => {
    expect(isScopeToken(scope)).toBe(expected)
  })
})

describe('hasAll', () => {
  it.each<[string[], string[], boolean]>([
    [['a', 'b'], ['a'], true],
    [['a', 'b'], ['b', 'a'], true],
    [['a'], ['a', 'b'], false],
    [['a'], [], true],
    [[], ['a'], false],
  ])('of %j, the needed %j: %p', (granted, required, expected) => {
    expect(hasAll(new Set(granted), required)).toBe(expected)
  })
})

describe('what scopes imply', () => {
  const implies = new Map([
    ['admin', ['write']],
    ['write', ['read', 'admin']],
  ])

  it.each<[string[], string[]]>([
    [['admin'], ['admin', 'write', 'read']],
    [['read'], ['read']],
    [
      ['other', 'write'],
      ['other', 'write', 'read', 'admin'],
    ],
    [[], []],
  ])('%j is with it %j', (scopes, expanded) => {
    expect(expandScopes(scopes, implies)).toEqual(expanded)
  })

  it('is nothing, and copies nothing, where no scope implies one', () => {
    const scopes = ['a', 'a']
    expect(expandScopes(scopes, new Map())).toBe(scopes)
  })
})
