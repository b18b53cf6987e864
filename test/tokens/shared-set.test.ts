import { describe, expect, it } from '@jest/globals'
import { sharedSet } from '../../lib/core/frozen-set.js'

describe('the scopes, roles and permissions of a token', () => {
  it('are one set for all tokens that name the same', () => {
    expect(sharedSet(['notes:read', 'notes:write'])).toBe(sharedSet(['notes:read', 'notes:write']))
    expect(sharedSet([])).toBe(sharedSet([]))
  })

  it.each([
    [['a b'], ['a', 'b']],
    [['a,b'], ['a', 'b']],
    [['a","b'], ['a', 'b']],
    [['a\u0000b'], ['a', 'b']],
    [[''], []],
  ])('are never those of a token that names others: %j is not %j', (some, others) => {
    expect([...sharedSet(some)]).toEqual(some)
    expect([...sharedSet(others)]).toEqual(others)
    expect([...sharedSet(some)]).toEqual(some)
  })

  it('stay right however many different ones there are', () => {
    for (let round = 0; round < 2; round += 1) {
      for (let index = 0; index < 3000; index += 1) {
        expect([...sharedSet([`scope-${index}`])]).toEqual([`scope-${index}`])
      }
    }
  })

  it.each(['add', 'delete', 'clear'] as const)('cannot be changed by %s()', (method) => {
    const set = sharedSet(['notes:read']) as Set<string>
    expect(() => set[method]('admin')).toThrow(/read-only/)
    expect([...set]).toEqual(['notes:read'])
  })

  it('carry nothing from one token to another', () => {
    expect(() => Object.assign(sharedSet([]), { owner: 'ann' })).toThrow(TypeError)
    expect(() => Object.assign(sharedSet(['a']), { has: () => true })).toThrow(TypeError)
    expect(sharedSet([])).not.toHaveProperty('owner')
    expect(sharedSet(['a']).has('admin')).toBe(false)
  })
})
