import { describe, expect, it } from '@jest/globals'
import { coversDetail, type AuthorizationDetail } from '../../../lib/core/auth/details.js'

const READ: AuthorizationDetail = { type: 'file', actions: ['read'] }

const items = (length: number): AuthorizationDetail => ({
  type: 'file',
  in: Array.from({ length }, () => 1),
})

describe('a granted entry', () => {
  it.each<[string, unknown, AuthorizationDetail, boolean]>([
    ['the same', READ, READ, true],
    ['more of a list', { type: 'file', actions: ['write', 'read'] }, READ, true],
    [
      'all of a longer list',
      { type: 'file', actions: ['a'] },
      { type: 'file', actions: ['a', 'b'] },
      false,
    ],
    ['another type', { type: 'folder', actions: ['read'] }, READ, false],
    ['no list where one is needed', { type: 'file', actions: 'read' }, READ, false],
    ['a list where none is needed', { type: 'file', in: ['a'] }, { type: 'file', in: 'a' }, false],
    ['an empty list', { type: 'file', actions: ['read'] }, { type: 'file', actions: [] }, false],
    [
      'an object with more in it',
      { type: 'f', in: { a: 1, b: 2 } },
      { type: 'f', in: { a: 1 } },
      true,
    ],
    [
      'an object with less in it',
      { type: 'f', in: { a: 1 } },
      { type: 'f', in: { a: 1, b: 2 } },
      false,
    ],
    ['a text for an object', { type: 'f', in: 'a' }, { type: 'f', in: { length: 1 } }, false],
    ['a member that is inherited', Object.create(READ), READ, false],
    ['nothing', undefined, READ, false],
    ['a list', [READ], READ, false],
    ['a type that is no text', { type: 7 }, { type: 7 } as never, false],
  ])('that is %s: %#', (_name, granted, needed, covered) => {
    expect(coversDetail(granted, needed)).toBe(covered)
  })

  it.each(['locations', 'actions', 'datatypes', 'identifier', 'privileges'])(
    'with a bound by %s is none for whatever has no such bound',
    (bound) => {
      expect(coversDetail({ type: 'file', [bound]: ['a'] }, { type: 'file' })).toBe(false)
      expect(coversDetail({ type: 'file', [bound]: ['a'] }, { type: 'file', [bound]: ['a'] })).toBe(
        true,
      )
      expect(coversDetail({ type: 'file' }, { type: 'file', [bound]: ['a'] })).toBe(false)
    },
  )

  it('with a member of another name is one for whatever has no such member', () => {
    expect(coversDetail({ type: 'file', note: 'x' }, { type: 'file' })).toBe(true)
  })

  it('is compared ten thousand times, and not once more', () => {
    // The entry itself and its type take two, the list one, and each of its items one.
    expect(coversDetail(items(9_997), items(9_997))).toBe(true)
    expect(coversDetail(items(9_998), items(9_998))).toBe(false)
  })
})
