import { describe, expect, it } from '@jest/globals'
import { unavailable } from '../../../../lib/revocation/redis/schema/unavailable.js'
import { RevocationUnavailable } from '../../../../lib/revocation/store.js'

describe('an outage of Redis', () => {
  it('sends clients back at one, two or three seconds, so that they do not come together', () => {
    const times = Array.from({ length: 300 }, () => unavailable('away').retryAfterSeconds)
    expect(new Set(times)).toEqual(new Set([1, 2, 3]))
  })

  it('says why, and holds no cause where none is known', () => {
    const error = unavailable('away')
    expect(error).toBeInstanceOf(RevocationUnavailable)
    expect(error).toMatchObject({ message: 'away', cause: undefined })
  })

  it('holds its cause without the arguments of the command, which are ids of users', () => {
    const cause = Object.assign(new Error('WRONGTYPE of it'), { command: { args: ['user-1'] } })
    const error = unavailable('away', cause)
    expect(error.cause).toMatchObject({ message: 'WRONGTYPE of it' })
    expect(error.cause).not.toHaveProperty('command')
  })
})
