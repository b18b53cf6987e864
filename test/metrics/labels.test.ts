import { expect, it } from '@jest/globals'
import { cappedLabel, reasonLabel } from '../../lib/metrics/labels.js'

it('lets the first values pass, again and again, and takes later ones for one', () => {
  const label = cappedLabel(2)
  expect(['a', 'b', 'c', 'a', 'd', 'b', 'c'].map(label)).toEqual([
    'a',
    'b',
    'other',
    'a',
    'other',
    'b',
    'other',
  ])
})

it.each([
  ['expired', 'expired'],
  ['bad_signature', 'bad_signature'],
  ['a reason of an app', 'other'],
  ['toString', 'other'],
  ['__proto__', 'other'],
  ['', 'other'],
])('takes the reason %p for %s', (reason, label) => {
  expect(reasonLabel(reason)).toBe(label)
})
