import { expect, it } from '@jest/globals'
import { refusalEvent } from '../../../lib/core/events/events.js'
import { AuthError, invalidToken } from '../../../lib/core/verdicts/errors.js'
import { cappedLabel, outcomeOf, reasonLabel } from '../../../lib/metrics/listening/labels.js'

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

it('tells what we could not know from what was refused', () => {
  const outage = new AuthError('temporarily_unavailable', { reason: 'keys_unavailable' })
  expect(outcomeOf(refusalEvent('g', outage))).toBe('unavailable')
  expect(outcomeOf(refusalEvent('g', invalidToken('expired', 'a')))).toBe('refused')
})
