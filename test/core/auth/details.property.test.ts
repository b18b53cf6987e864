import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { coversDetail, type AuthorizationDetail } from '../../../lib/core/auth/details.js'
import { FUZZ_RUNS } from '../../support/runs.js'

const RUNS = { numRuns: FUZZ_RUNS }

const word = fc.constantFrom('a', 'b', 'c', 'read', 'write')
const words = fc.array(word, { minLength: 1, maxLength: 3 })
const tree = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    word,
    fc.constantFrom(1, 2, true, null),
    fc.array(tie('value'), { minLength: 1, maxLength: 3 }),
    fc.dictionary(word, tie('value'), { maxKeys: 3 }),
  ),
})).value

/** What apps ask for: no list in it is empty. */
const detail = fc.record(
  {
    type: fc.constantFrom('payment', 'account'),
    actions: words,
    locations: words,
    identifier: word,
    own: tree,
  },
  { requiredKeys: ['type'] },
) as fc.Arbitrary<AuthorizationDetail>

/** What grows a grant, without any new bound: items in the lists of the first level, and members. */
function grown(entry: AuthorizationDetail, more: readonly string[]): AuthorizationDetail {
  const wider = Object.entries(entry).map(([name, value]) => [
    name,
    Array.isArray(value) ? [...more, ...(value as unknown[])] : value,
  ])
  return { ...(Object.fromEntries(wider) as AuthorizationDetail), unrelated: more }
}

describe('coversDetail', () => {
  it('is reflexive', () => {
    fc.assert(
      fc.property(detail, (a) => expect(coversDetail(a, a)).toBe(true)),
      RUNS,
    )
  })

  it('is transitive', () => {
    const chain = fc.tuple(detail, words, words).map(([c, one, two]) => {
      const b = grown(c, one)
      return [grown(b, two), b, c] as const
    })
    fc.assert(
      fc.property(fc.oneof(chain, fc.tuple(detail, detail, detail)), ([a, b, c]) => {
        fc.pre(coversDetail(a, b) && coversDetail(b, c))
        expect(coversDetail(a, c)).toBe(true)
      }),
      { ...RUNS, maxSkipsPerRun: 1000 },
    )
  })

  it('is monotone: more granted, or less needed of a list, never makes a yes a no', () => {
    fc.assert(
      fc.property(detail, words, (a, more) => {
        expect(coversDetail(grown(a, more), a)).toBe(true)
        for (const [name, value] of Object.entries(a)) {
          if (!Array.isArray(value)) continue
          const items: readonly unknown[] = value
          expect(coversDetail(a, { ...a, [name]: items.slice(0, 1) })).toBe(true)
        }
      }),
      RUNS,
    )
  })

  it('is total: whatever was granted, there is an answer, and none grants another type', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), detail, (granted, needed) => {
        expect(typeof coversDetail(granted, needed)).toBe('boolean')
        expect(coversDetail({ ...needed, type: `${needed.type}s` }, needed)).toBe(false)
      }),
      RUNS,
    )
  })
})
