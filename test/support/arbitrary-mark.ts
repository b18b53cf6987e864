import * as fc from 'fast-check'
import { mergeMarks, createMark, type Mark } from '../../lib/revocation/facts.js'

export const SESSIONS = ['session-1', 'session-2', 'session-3'] as const

/** Any mark that calls can lead to: one call, or several merged. */
export const arbitraryMark: fc.Arbitrary<Mark> = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 0, max: 20_000 }).map((thousandth) => thousandth / 1000),
      ),
      fc.subarray([...SESSIONS]),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((calls) =>
    calls.map(([second, sessions]) => createMark(second, sessions)).reduce(mergeMarks),
  )
