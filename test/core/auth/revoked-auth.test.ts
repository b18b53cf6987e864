import { describe, expect, it } from '@jest/globals'
import { isNotedRevoked, noteRevoked } from '../../../lib/core/auth/revoked-auth.js'

describe('an Auth whose token was revoked', () => {
  it('is known by the object itself, and by no other like it', () => {
    const auth = { tokenId: 'a' }
    expect(isNotedRevoked(auth)).toBe(false)
    noteRevoked(auth)
    expect(isNotedRevoked(auth)).toBe(true)
    expect(isNotedRevoked({ ...auth })).toBe(false)
  })

  it('is known to a second copy of this package', () => {
    const auth = {}
    const shared = Reflect.get(
      globalThis,
      Symbol.for('express-resource-server.revoked-auth'),
    ) as WeakSet<object>
    shared.add(auth)
    expect(isNotedRevoked(auth)).toBe(true)
  })
})
