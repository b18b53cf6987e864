import { describe, expect, it } from '@jest/globals'
import { isNotedRevoked } from '../../../lib/core/auth/revoked-auth.js'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import { denylistRecheck } from '../../../lib/guards/streams/denylist.js'
import { RevocationUnavailable, type RevocationChecker } from '../../../lib/revocation/store.js'
import { answering } from '../../support/answering-checker.js'
import { authWith } from '../../support/behind-bearer.js'

const nothing = (): undefined => undefined
const never = (): boolean => false
const throwing = (error: Error) => (): never => {
  throw error
}
const OUTAGE = 'temporarily_unavailable revocation_unavailable 1'

describe('a denylist that is asked about an open stream', () => {
  it.each<[string, () => unknown, string]>([
    ['lets it go on where the token is not revoked', () => ({ revoked: false }), 'goes on'],
    ['or says so later', async () => ({ revoked: false }), 'goes on'],
    [
      'ends it where it is revoked',
      () => ({ revoked: true, by: 'session' }),
      'invalid_token revoked 0',
    ],
    [
      'or says so later',
      async () => ({ revoked: true, by: 'floor' }),
      'invalid_token before_floor 0',
    ],
    ['cannot tell where it throws', throwing(new Error('x')), OUTAGE],
    [
      'or rejects',
      async () => Promise.reject(new RevocationUnavailable('x', { retryAfterSeconds: 4 })),
      'temporarily_unavailable revocation_unavailable 4',
    ],
    ['or gives no verdict', () => ({ revoked: 1 }), OUTAGE],
    ['or gives none later', async () => undefined, OUTAGE],
  ])('%s', async (_name, answer, expected) => {
    const auth = authWith()
    const outcome = await denylistRecheck(answering(answer), never).again(auth)
    const said =
      outcome instanceof AuthError
        ? `${outcome.code} ${outcome.reason} ${outcome.retryAfterSeconds}`
        : 'goes on'
    expect(said).toBe(expected)
    // So that no answer of its issuer from before is believed any longer.
    expect(isNotedRevoked(auth)).toBe(expected.startsWith('invalid_token'))
  })

  it('answers at once where the store does', () => {
    const recheck = denylistRecheck(
      answering(() => ({ revoked: false })),
      never,
    )
    expect(recheck.again(authWith())).toBeUndefined()
  })

  it('is asked about the token as it is', () => {
    const asked: unknown[] = []
    const checker = answering(() => ({ revoked: false }))
    const auth = authWith()
    denylistRecheck(
      { ...checker, check: (query) => (asked.push(query), { revoked: false }) },
      never,
    ).again(auth)
    expect(asked[0]).toBe(auth)
  })

  it('decides in an outage by what its guard was told', () => {
    expect(denylistRecheck(answering(nothing), never)).toMatchObject({ bypass: never })
  })

  it('tells of revocations where the store does, by its own method', () => {
    const store = {
      ...answering(nothing),
      watching: [] as unknown[],
      watch(changed: () => void) {
        this.watching.push(changed)
        return () => void this.watching.pop()
      },
    }
    const end = denylistRecheck(store, never).watch!(nothing)
    expect(store.watching).toEqual([nothing])
    end()
    expect(store.watching).toEqual([])
  })

  it('tells of none where the store cannot', () => {
    const store: RevocationChecker = answering(nothing)
    expect(denylistRecheck(store, never)).not.toHaveProperty('watch')
  })
})
