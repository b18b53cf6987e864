import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { waitFor } from '../../lib/client/waiting.js'
import { settle } from '../support/manual-timer.js'

const TIMER = {} as NodeJS.Timeout

/** What the timer does when its time has come. */
let ring: () => void
let delays: unknown[]
let cleared: unknown[]

beforeEach(() => {
  delays = []
  cleared = []
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, delayMs: number) => {
    ring = run
    delays.push(delayMs)
    return TIMER
  }) as never)
  jest.spyOn(globalThis, 'clearTimeout').mockImplementation((timer) => void cleared.push(timer))
})

afterEach(() => {
  jest.restoreAllMocks()
})

/** What a wait has come to. */
function watched(waiting: Promise<void>): () => unknown {
  let outcome: unknown = 'waiting'
  waiting.then(
    () => (outcome = 'over'),
    (error: unknown) => (outcome = error),
  )
  return () => outcome
}

describe('waitFor', () => {
  it('waits for as long as it is told, and listens to the signal no more', async () => {
    const { signal } = new AbortController()
    const listen = jest.spyOn(signal, 'addEventListener')
    const unlisten = jest.spyOn(signal, 'removeEventListener')
    const outcome = watched(waitFor(1000, signal))
    await settle()
    expect([delays, outcome()]).toEqual([[1000], 'waiting'])
    ring()
    await settle()
    expect(outcome()).toBe('over')
    expect(unlisten.mock.calls).toEqual(listen.mock.calls)
  })

  it('is over for good where it has ended: a later abort changes nothing', async () => {
    const aborting = new AbortController()
    const outcome = watched(waitFor(10, aborting.signal))
    ring()
    aborting.abort(new Error('too late'))
    await settle()
    expect([outcome(), cleared]).toEqual(['over', []])
  })

  it.each(['before', 'meanwhile'])(
    'rejects with the reason of the signal that is aborted %s, and leaves no timer',
    async (when) => {
      const aborting = new AbortController()
      const reason = new Error('enough')
      if (when === 'before') aborting.abort(reason)
      const outcome = watched(waitFor(1000, aborting.signal))
      aborting.abort(reason)
      await settle()
      expect(outcome()).toBe(reason)
      expect(cleared).toEqual([TIMER])
    },
  )
})
