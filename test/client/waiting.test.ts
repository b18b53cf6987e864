import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { waitFor } from '../../lib/client/waiting.js'

describe('waitFor', () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  it('waits for as long as it is told, and listens to the signal no more', async () => {
    const aborting = new AbortController()
    const unlisten = jest.spyOn(aborting.signal, 'removeEventListener')
    const over = jest.fn()
    const waiting = waitFor(1000, aborting.signal).then(over)
    await jest.advanceTimersByTimeAsync(999)
    expect(over).not.toHaveBeenCalled()
    await jest.advanceTimersByTimeAsync(1)
    expect(over).toHaveBeenCalledTimes(1)
    expect(unlisten).toHaveBeenCalledWith('abort', expect.any(Function))
    await waiting
  })

  it('is over for good where it has ended: a later abort changes nothing', async () => {
    const aborting = new AbortController()
    const waiting = waitFor(10, aborting.signal)
    await jest.advanceTimersByTimeAsync(10)
    aborting.abort(new Error('too late'))
    expect(await waiting).toBeUndefined()
  })

  it.each([
    ['before', 0],
    ['meanwhile', 500],
  ])('rejects with the reason of the signal that is aborted %s', async (_name, afterMs) => {
    const aborting = new AbortController()
    const reason = new Error('enough')
    if (afterMs === 0) aborting.abort(reason)
    const waiting = waitFor(1000, aborting.signal)
    setTimeout(() => aborting.abort(reason), afterMs)
    const [outcome] = await Promise.all([
      waiting.catch((error: unknown) => error),
      jest.advanceTimersByTimeAsync(afterMs),
    ])
    expect(outcome).toBe(reason)
    expect(jest.getTimerCount()).toBe(0)
  })
})
