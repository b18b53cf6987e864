import { describe, expect, it } from '@jest/globals'
import { RevocationUnavailable } from '../../lib/revocation/store.js'

describe('RevocationUnavailable', () => {
  it('says why, by its own name, and to come back in a second', () => {
    const error = new RevocationUnavailable('away')
    expect(error).toMatchObject({
      name: 'RevocationUnavailable',
      message: 'away',
      cause: undefined,
      retryAfterSeconds: 1,
    })
  })

  it('holds its cause, and for how long it lasts', () => {
    const cause = new Error('refused')
    expect(new RevocationUnavailable('away', { cause, retryAfterSeconds: 0 })).toMatchObject({
      cause,
      retryAfterSeconds: 0,
    })
  })

  it('is known by a second copy of this package', () => {
    const brand = Symbol.for('express-resource-server.RevocationUnavailable')
    expect({ [brand]: true } instanceof RevocationUnavailable).toBe(true)
    expect(new Error('away') instanceof RevocationUnavailable).toBe(false)
  })
})
