import { describe, expect, it } from '@jest/globals'
import { namesAt } from '../../lib/tokens/claims.js'

describe('namesAt: names out of a claim', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['a list of strings', ['a', 'b'], ['a', 'b']],
    ['a list of objects with values (RFC 7643)', [{ value: 'a' }, { display: 'b' }], ['a']],
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
    ['nothing through a list', { a: [{ b: ['y'] }] }, 'a.0.b', []],
  ])('are found by %s', (_name, claims, path, names) => {
    expect(namesAt(claims, path)).toEqual(names)
  })
})
