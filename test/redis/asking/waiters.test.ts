import { describe, expect, it } from '@jest/globals'
import { createWaiters } from '../../../lib/redis/asking/waiters.js'

describe('createWaiters', () => {
  it('lets all who wait go on together', async () => {
    const waiters = createWaiters()
    const waiting = [waiters.wait(), waiters.wait()]
    waiters.resolve()
    expect(await Promise.all(waiting)).toEqual([undefined, undefined])
  })

  it('tells all who wait why there is nothing to wait for', async () => {
    const waiters = createWaiters()
    const error = new Error('NOAUTH')
    const waiting = Promise.allSettled([waiters.wait(), waiters.wait()])
    waiters.reject(error)
    expect(await waiting).toEqual([
      { status: 'rejected', reason: error },
      { status: 'rejected', reason: error },
    ])
  })

  it('settles nobody who comes later', async () => {
    const waiters = createWaiters()
    waiters.resolve()
    waiters.reject(new Error('NOAUTH'))
    const waiting = waiters.wait()
    waiters.resolve()
    await expect(waiting).resolves.toBeUndefined()
  })
})
