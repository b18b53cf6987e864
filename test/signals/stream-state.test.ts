import { describe, expect, it } from '@jest/globals'
import { createStreamVerifications } from '../../lib/signals/stream-state.js'
import { manualTimer } from '../support/manual-timer.js'

describe('verifications of a stream (SSF-14)', () => {
  it('arrive by their state, once', async () => {
    const verifications = createStreamVerifications(manualTimer())
    const { state, arrived } = verifications.expect(1000)
    expect(state).toMatch(/^[\w-]{22}$/)
    expect(verifications.judge({ state })).toBeUndefined()
    await expect(arrived).resolves.toBeUndefined()
    verifications.expect(1000)
    expect(verifications.judge({ state })).toMatchObject({ reason: 'unexpected_state' })
  })

  it.each([
    ['nobody awaits one', { state: 'of another process' }, 0, undefined],
    ['it has no state', {}, 1, undefined],
    ['it has another state', { state: 'x' }, 1, 'unexpected_state'],
    ['its state is no text', { state: 7 }, 1, 'malformed_claim'],
  ])('are judged where %s', (_what, payload, awaited, reason) => {
    const verifications = createStreamVerifications(manualTimer())
    if (awaited === 1) verifications.expect(1000)
    expect(verifications.judge(payload)?.reason).toBe(reason)
  })

  it('are given up when their time is over', async () => {
    const timer = manualTimer()
    const verifications = createStreamVerifications(timer)
    const { arrived } = verifications.expect(1000)
    await timer.advance(999)
    await timer.advance(1)
    await expect(arrived).rejects.toThrow('No verification event came within 1000 ms')
    expect(verifications.judge({ state: 'x' })).toBeUndefined()
  })

  it('leave no timer behind', () => {
    const timer = manualTimer()
    const verifications = createStreamVerifications(timer)
    const { state } = verifications.expect(1000)
    verifications.judge({ state })
    expect(timer.pending()).toBe(0)
  })

  it('are twenty at once', () => {
    const verifications = createStreamVerifications(manualTimer())
    for (let n = 0; n < 20; n += 1) verifications.expect(1000)
    expect(() => verifications.expect(1000)).toThrow('20 verifications are awaited')
  })
})
