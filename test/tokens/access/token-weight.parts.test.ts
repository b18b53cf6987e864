import { describe, expect, it } from '@jest/globals'
import type { Actor, Auth } from '../../../lib/core/auth/auth.js'
import {
  freezeAndWeigh,
  weightOfActors,
  weightOfSets,
  weightOfText,
} from '../../../lib/tokens/access/token-weight.js'

describe('freezeAndWeigh', () => {
  it.each<[object, number]>([
    [{}, 72],
    [[], 56],
    [{ a: true, b: null }, 72 + 2 * 200],
    [{ a: 'text' }, 72 + 200 + 24],
    [{ a: 1.5 }, 72 + 200 + 16],
    [['text', 1, true], 56 + 3 * 8 + 24 + 16],
    [{ a: [{}] }, 72 + 200 + 56 + 8 + 72],
    [[[], []], 56 + 2 * 8 + 2 * 56],
  ])('weighs %j by what each part takes of the heap: %d bytes', (claims, bytes) => {
    expect(freezeAndWeigh(claims)).toBe(bytes)
  })

  it('freezes all of it, however deep', () => {
    const inmost = [1]
    const claims = { a: [{ b: inmost }] }
    freezeAndWeigh(claims)
    for (const part of [claims, claims.a, claims.a[0], inmost]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
  })
})

describe('weightOfText', () => {
  it.each([
    ['a byte for each character of ASCII', '{"a":"text"}', 12],
    ['two where one is beyond it', '{"a":"\u00E9"}', 18],
    ['two where one is beyond it by an escape', '{"a":"\\u00e9"}', 28],
    ['a byte where another letter is escaped', '{"a":"\\n"}', 10],
  ])('takes %s', (_name, payload, bytes) => {
    expect(weightOfText(payload)).toBe(bytes)
  })
})

const actor = (earlier: number): Actor =>
  ({ subject: 's', earlier: Array.from({ length: earlier }, () => ({})) }) as unknown as Actor

describe('the weight of what is made of claims', () => {
  it('counts each scope, role and permission', () => {
    const sets = {
      scopes: new Set(['a', 'b', 'c']),
      roles: new Set(['a', 'b']),
      permissions: new Set(['a']),
    }
    expect(weightOfSets(sets as unknown as Auth)).toBe(6 * 96)
  })

  it('counts each actor, and none where nobody acts for the user', () => {
    expect(weightOfActors(undefined)).toBe(0)
    expect(weightOfActors(actor(0))).toBe(56 + 80)
    expect(weightOfActors(actor(2))).toBe(56 + 3 * 80)
  })
})
