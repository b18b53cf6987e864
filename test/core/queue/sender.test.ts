import { expect, it } from '@jest/globals'
import { deadlineOf, NOBODY, PATIENCE_MS } from '../../../lib/core/queue/sender.js'

it.each([
  ['counts from the arrival', 1000, 1500, 1000 + PATIENCE_MS],
  ['counts from now where the request came just now', 1000, 1000, 1000 + PATIENCE_MS],
  ['counts from now for work of nobody', NOBODY.arrivedAt, 1500, 1500 + PATIENCE_MS],
])('deadlineOf: %s', (_name, arrivedAt, now, expected) => {
  expect(deadlineOf({ ...NOBODY, arrivedAt }, now)).toBe(expected)
})
