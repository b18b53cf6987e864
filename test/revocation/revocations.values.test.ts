import { describe, expect, it } from '@jest/globals'
import type { Mark } from '../../lib/revocation/facts.js'
import { isSameValue, mergeValues, type RevocationValue } from '../../lib/revocation/revocations.js'

const NEVER = Number.NEGATIVE_INFINITY
const mark = (notBefore: number, sessions: [string, number][] = []): Mark => ({
  notBefore,
  sessions: new Map(sessions),
})

describe('two values of one target', () => {
  it.each<[string, RevocationValue, RevocationValue, RevocationValue]>([
    ['of flags, the flag', true, true, true],
    ['of seconds, the later', 5, 9, 9],
    ['of seconds, the later, in any order', 9, 5, 9],
    ['of marks, both', mark(5, [['a', NEVER]]), mark(9, [['b', NEVER]]), mark(9, [['b', 5]])],
    ['of two kinds, the new one', 5, mark(9), mark(9)],
    ['of two kinds, the new one, in any order', mark(9), 5, 5],
  ])('are merged: %s', (_name, a, b, expected) => {
    expect(mergeValues(a, b)).toEqual(expected)
  })

  it.each<[string, RevocationValue, RevocationValue, boolean]>([
    ['a flag', true, true, true],
    ['the same second', 5, 5, true],
    ['another second', 5, 6, false],
    ['a flag and a second', true, 1, false],
    ['a second and its mark', 5, mark(5), false],
    ['a mark and its second', mark(5), 5, false],
    ['the same mark', mark(5, [['a', 1]]), mark(5, [['a', 1]]), true],
    [
      'the same sessions in another order',
      mark(5, [
        ['a', 1],
        ['b', 2],
      ]),
      mark(5, [
        ['b', 2],
        ['a', 1],
      ]),
      true,
    ],
    ['a later mark', mark(5, [['a', 1]]), mark(6, [['a', 1]]), false],
    ['another session', mark(5, [['a', 1]]), mark(5, [['b', 1]]), false],
    [
      'another second of a session',
      mark(5, [
        ['a', 1],
        ['b', 2],
      ]),
      mark(5, [
        ['a', 1],
        ['b', 3],
      ]),
      false,
    ],
    ['one session more', mark(5), mark(5, [['a', 1]]), false],
  ])('say the same or not: %s', (_name, a, b, expected) => {
    expect(isSameValue(a, b)).toBe(expected)
  })
})
