import { describe, expect, it } from '@jest/globals'
import { storeOutage } from '../../../lib/revocation/asking/outage.js'
import { RevocationUnavailable } from '../../../lib/revocation/store.js'

describe('the failure of a store', () => {
  it.each([
    [
      'tells when to come back, by the word of the store',
      new RevocationUnavailable('away', { retryAfterSeconds: 7 }),
      'away',
      7,
    ],
    ['of another kind: in a second', new Error('a fault'), 'a fault', 1],
    ['of another kind, whatever it calls itself', { retryAfterSeconds: 9 }, '[object Object]', 1],
    ['that is no error is told in words', 'gone', 'gone', 1],
  ])('%s', (_name, cause, detail, retryAfterSeconds) => {
    const error = storeOutage('revocation_unavailable', cause)
    expect(error).toMatchObject({
      code: 'temporarily_unavailable',
      status: 503,
      family: 'dependency',
      reason: 'revocation_unavailable',
      detail,
      retryAfterSeconds,
      cause,
    })
  })

  it('is told apart by whether it was asked or was to store something', () => {
    expect(storeOutage('revocation_not_stored', new Error('x')).reason).toBe(
      'revocation_not_stored',
    )
  })
})
