import { describe, expect, it } from '@jest/globals'
import { AuthError } from '../../../../lib/core/verdicts/errors.js'
import { createFailures } from '../../../../lib/session/handler/issuer/failures.js'
import { manualTimer } from '../../../support/manual-timer.js'

function failed(error?: string): AuthError {
  return new AuthError('temporarily_unavailable', {
    reason: 'issuer_unavailable',
    detail: 'it failed',
    cause: error === undefined ? new Error('no answer') : { error },
  })
}

describe('renewals that failed', () => {
  it.each([
    [undefined, true],
    ['invalid_client', true],
    ['unauthorized_client', true],
    ['server_error', true],
    ['temporarily_unavailable', true],
    ['access_denied', false],
    ['a name of no error', true],
  ])('by %j hold up the sessions of others: %s', (error, holdsAll) => {
    const failures = createFailures(manualTimer())
    failures.note('own', failed(error))
    expect(failures.of('own')).toMatchObject({ message: 'it failed', count: 1 })
    expect(failures.of('other') !== undefined).toBe(holdsAll)
  })

  it('hold a session up for the longer of its own wait and that of all', async () => {
    const timer = manualTimer()
    const failures = createFailures(timer)
    for (let times = 0; times < 3; times += 1) failures.note('own', failed('access_denied'))
    failures.note('other', failed())
    expect([failures.of('own')?.count, failures.of('other')?.count]).toEqual([3, 1])
    for (let times = 0; times < 6; times += 1) failures.note('other', failed())
    expect(failures.of('own')?.count).toBe(7)
  })

  it('are forgotten by the first that succeeds, of the session and of the issuer', () => {
    const failures = createFailures(manualTimer())
    for (const error of [undefined, 'access_denied']) failures.note('own', failed(error))
    failures.note('third', failed('access_denied'))
    failures.forget('own')
    expect([failures.of('own'), failures.of('third')?.count]).toEqual([undefined, 1])
  })

  it('are 1000 at most, the oldest first', () => {
    const failures = createFailures(manualTimer())
    for (let count = 0; count <= 1000; count += 1)
      failures.note(`${count}`, failed('access_denied'))
    expect([failures.of('0'), failures.of('1')?.count]).toEqual([undefined, 1])
  })
})
