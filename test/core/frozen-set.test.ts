import { describe, expect, it } from '@jest/globals'
import { frozenSet } from '../../lib/core/frozen-set.js'

describe('the scopes, roles and permissions of a token', () => {
  it.each([[[]], [['notes:read']], [['a b', 'a,b', 'a\u0000b', '']]])(
    'are those named: %j',
    (names) => {
      expect([...frozenSet(names)]).toEqual(names)
      expect(frozenSet(names)).toStrictEqual(new Set(names))
    },
  )

  it.each(['add', 'delete', 'clear'] as const)('cannot be changed by %s()', (method) => {
    const set = frozenSet(['notes:read']) as Set<string>
    expect(() => set[method]('admin')).toThrow(/read-only/)
    expect([...set]).toEqual(['notes:read'])
  })

  it('cannot be hung anything on', () => {
    expect(() => Object.assign(frozenSet([]), { owner: 'ann' })).toThrow(TypeError)
    expect(() => Object.assign(frozenSet(['a']), { has: () => true })).toThrow(TypeError)
  })

  it.each([[[]], [['notes:read']]])(
    'are the token’s own, so that a change by force harms no other: %j',
    (names) => {
      const forced = frozenSet(names)
      Set.prototype.add.call(forced, 'admin')
      expect(forced.has('admin')).toBe(true)
      expect(frozenSet(names).has('admin')).toBe(false)
    },
  )
})
