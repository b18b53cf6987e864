import { expect, it } from '@jest/globals'
import { guardTolerance } from '../../../lib/core/auth/guard-tolerance.js'
import { VerifiedAuth } from '../../../lib/core/auth/verified-auth.js'
import { authWith } from '../../support/behind-bearer.js'

it('is known of the token that a guard has verified, and of no copy', () => {
  const auth = new VerifiedAuth(authWith(), 30)
  expect(guardTolerance(auth)).toBe(30)
  const copies: readonly object[] = [Object.assign({}, auth), Object.create(auth)]
  for (const copy of [...copies, structuredClone(auth)]) {
    expect(guardTolerance(copy)).toBeUndefined()
  }
})
