import { describe, expect, it } from '@jest/globals'
import {
  claimAt,
  namesAt,
  ownClaim,
  stringClaim,
  stringsClaim,
  timeClaim,
  type Claims,
} from '../../../lib/tokens/jwt/claims.js'
import { refusalOf } from '../../support/policy.js'

describe('namesAt: names out of a claim', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['a list of strings', ['a', 'b'], ['a', 'b']],
    ['a list of objects with values (RFC 7643)', [{ value: 'a' }, { display: 'b' }], ['a']],
    ['a list with nonsense in it', ['a', 7, null, [], { value: 1 }, 'b'], ['a', 'b']],
    ['nothing at all', undefined, []],
    ['true', true, []],
    ['one string, spaces and all', 'a b', ['a b']],
    ['an object whose keys are names', { a: { org: 'x' }, b: true }, ['a', 'b']],
    ['an object that denies some of its names', { a: true, b: false, c: null, d: 0 }, ['a']],
    ['a number', 1, []],
    ['null', null, []],
  ])('are read from %s', (_name, roles, names) => {
    expect(namesAt({ roles }, 'roles')).toEqual(names)
  })

  it.each([
    ['a claim of that very name first', { 'a.b': ['x'], a: { b: ['y'] } }, 'a.b', ['x']],
    ['a path', { a: { b: ['y'] } }, 'a.b', ['y']],
    ['nothing that an object inherits', {}, 'constructor.name', []],
    ['nothing behind the end of a path', { a: { b: ['y'] } }, 'a.b.c', []],
    ['nothing that the middle of a path inherits', { a: {} }, 'a.constructor.name', []],
    ['nothing through text', { a: 'b' }, 'a.length', []],
    ['nothing through a list', { a: [{ b: ['y'] }] }, 'a.0.b', []],
  ])('are found by %s', (_name, claims, path, names) => {
    expect(namesAt(claims, path)).toEqual(names)
  })
})

type Reader = (claims: Claims, name: string) => unknown

/** What a reader makes of the claim `c`; where it refuses, the reason and the detail. */
function readBy(reader: Reader, value: unknown): unknown {
  const refusal = refusalOf(() => reader({ c: value }, 'c'))
  return refusal === undefined ? reader({ c: value }, 'c') : [refusal.reason, refusal.detail]
}

const malformed = (shape: string): unknown => ['malformed_claim', `The claim "c" is not ${shape}`]

describe('claims by their types', () => {
  it.each(['constructor', '__proto__', 'toString'])('are not what every object has: %s', (name) => {
    for (const reader of [ownClaim, stringClaim, timeClaim, stringsClaim, claimAt]) {
      expect(reader({}, name)).toBeUndefined()
    }
    expect(ownClaim(JSON.parse(`{"${name}":"x"}`) as Claims, name)).toBe('x')
  })

  it.each([
    [stringClaim, 'iss'],
    [stringsClaim, 'aud'],
    [timeClaim, 'exp'],
  ])('%p takes null in %j for no way around a check', (reader, name) => {
    expect(reader({ [name]: null }, name)).toMatchObject({ reason: 'malformed_claim' })
  })

  it.each([
    ['a', 'a'],
    ['', ''],
    [undefined, undefined],
    [null, undefined],
    [7, malformed('a string')],
    [['a'], malformed('a string')],
  ])('stringClaim reads %j as %j', (value, expected) => {
    expect(readBy(stringClaim, value)).toEqual(expected)
  })

  it.each([
    [0, 0],
    [-1.5, -1.5],
    [undefined, undefined],
    [null, undefined],
    ['1', malformed('a number')],
    [Infinity, malformed('a number')],
    [Number.NaN, malformed('a number')],
    [[1], malformed('a number')],
  ])('timeClaim reads %p as %j', (value, expected) => {
    expect(readBy(timeClaim, value)).toEqual(expected)
  })

  it.each([
    ['a', ['a']],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [[], []],
    [undefined, undefined],
    [null, undefined],
    [7, malformed('strings')],
    [['a', 7], malformed('strings')],
    [[['a']], malformed('strings')],
  ])('stringsClaim reads %j as %j', (value, expected) => {
    expect(readBy(stringsClaim, value)).toEqual(expected)
  })
})
