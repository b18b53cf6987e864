import { describe, expect, it } from '@jest/globals'
import type { Auth } from '../../../lib/core/auth/auth.js'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import { refuseRevoked } from '../../../lib/revocation/asking/refuse-revoked.js'
import { RevocationUnavailable, type RevocationChecker } from '../../../lib/revocation/store.js'
import { answering } from '../../support/answering-checker.js'

const AUTH = { tokenId: 'token-1' } as Auth

async function reasonOf(answer: () => unknown): Promise<unknown> {
  try {
    await refuseRevoked(answering(answer), AUTH)
    return 'accepted'
  } catch (error) {
    if (error instanceof AuthError) return [error.code, error.reason, error.retryAfterSeconds]
    throw error
  }
}

const throwing = (error: unknown) => () => {
  throw error
}
const OUTAGE = ['temporarily_unavailable', 'revocation_unavailable', 1]

describe('a token that no request carries', () => {
  it.each<[string, () => unknown, unknown]>([
    ['passes where the store says so', () => ({ revoked: false }), 'accepted'],
    ['passes where it says so later', async () => ({ revoked: false }), 'accepted'],
    [
      'is refused where it is revoked',
      () => ({ revoked: true, by: 'session' }),
      ['invalid_token', 'revoked', 0],
    ],
    [
      'is refused where it is said later',
      async () => ({ revoked: true, by: 'floor' }),
      ['invalid_token', 'before_floor', 0],
    ],
    ['is an outage where the store throws', throwing(new Error('x')), OUTAGE],
    [
      'is an outage where the store rejects, for as long as it says',
      async () => throwing(new RevocationUnavailable('x', { retryAfterSeconds: 3 }))(),
      ['temporarily_unavailable', 'revocation_unavailable', 3],
    ],
    ['is an outage where no verdict comes', () => undefined, OUTAGE],
    ['is an outage where the verdict is not clear', () => ({ revoked: 'false' }), OUTAGE],
  ])('%s', async (_name, answer, expected) => {
    expect(await reasonOf(answer)).toEqual(expected)
  })

  it('is asked about as it is', async () => {
    const asked: unknown[] = []
    const store = {
      check(query: unknown) {
        asked.push(query)
        return { revoked: false }
      },
    } as RevocationChecker
    await refuseRevoked(store, AUTH)
    expect(asked).toEqual([AUTH])
  })
})
