import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { exceedsDepth } from '../../lib/core/json-depth.js'
import { FUZZ_RUNS } from '../support/runs.js'

/** Levels of lists and objects in a value. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

/** The same of the text and of its bytes. */
function exceeds(json: string, limit: number): boolean {
  const [text, bytes] = [exceedsDepth(json, limit), exceedsDepth(Buffer.from(json), limit)]
  expect(text).toBe(bytes)
  return text
}

describe('exceedsDepth', () => {
  it.each([
    ['an empty list', '[]', 1],
    ['lists side by side', `[${'[],'.repeat(100)}1]`, 2],
    ['objects side by side', `{"a":{},"b":[{"c":1},{}]}`, 3],
    ['brackets in a string', `["${'[{'.repeat(100)}"]`, 1],
    ['brackets in a name', `{"${'[{'.repeat(100)}":1}`, 1],
    ['brackets behind a quote in a string', `["\\"${'['.repeat(100)}"]`, 1],
    ['brackets behind a string that ends with a backslash', `["\\\\",${'['.repeat(9)}`, 10],
    ['closing brackets in a string', `{"a":"${']}'.repeat(100)}","b":[[1]]}`, 3],
    ['letters whose code ends like that of a bracket', `["${'\u015B\u017B'.repeat(100)}"]`, 1],
    ['a text without an end', '['.repeat(70), 70],
  ])('tells how deep %s is nested', (_name, json, depth) => {
    const [within, beyond] = [exceeds(json, depth), exceeds(json, depth - 1)]
    expect([within, beyond]).toEqual([false, true])
  })

  it('agrees with what a parser makes of the text', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 6 }),
        fc.boolean(),
        fc.nat(8),
        (value, spread, limit) => {
          const json = JSON.stringify(value, null, spread ? 1 : 0)
          expect(exceeds(json, limit)).toBe(depthOf(JSON.parse(json)) > limit)
        },
      ),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('counts no less than a parser gets to, in a text that is no JSON', () => {
    for (const end of ['', 'x', '"', ']}', '{]']) {
      expect(exceeds(`${'[{"a":'.repeat(40)}${end}`, 64)).toBe(true)
    }
  })
})
