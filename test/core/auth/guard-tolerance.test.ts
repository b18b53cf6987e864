import { expect, it } from '@jest/globals'
import { guardTolerance, noteGuardTolerance } from '../../../lib/core/auth/guard-tolerance.js'

it('is known of the token that a guard has verified, frozen as it is, and of no other', () => {
  const auth = Object.freeze({ subject: 'user-1' })
  noteGuardTolerance(auth, 30)
  expect(guardTolerance(auth)).toBe(30)
  expect(guardTolerance({ ...auth })).toBeUndefined()
})
