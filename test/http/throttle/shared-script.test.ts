import { EventEmitter, once } from 'node:events'
import { beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { AuthEvent } from '../../../lib/core/events/auth-event.js'
import {
  countsIn,
  createSharedScript,
  type SharedCall,
  type SharedScript,
} from '../../../lib/http/throttle/shared-script.js'
import { manualTimer, type ManualTimer } from '../../support/manual-timer.js'

const CALL: SharedCall<unknown> = {
  script: 'return 1',
  key: 'k',
  args: [7, 'x'],
  read: (answer) => answer,
}
const DEGRADED = { name: 'ratelimit.degraded', limiter: 'throttle', detail: 'gone' }

function unreadable(): never {
  throw new Error('gone')
}

const silence = (): Promise<unknown> => new Promise(() => undefined)
const failure = async (): Promise<unknown> => Promise.reject(new Error('gone'))

let timer: ManualTimer
let events: AuthEvent[]
let calls: string[][]
/** What Redis answers to a call, in place of a server that can be ordered no such faults. */
let answer: () => Promise<unknown>
let ask: SharedScript

beforeEach(() => {
  timer = manualTimer()
  events = []
  calls = []
  answer = async () => 5
  const redis = {
    call(...args: string[]) {
      calls.push(args)
      return answer()
    },
  }
  const emit = (event: AuthEvent): void => void events.push(event)
  ask = createSharedScript({ redis, limiter: 'throttle', timer, events: { emit } })
})

describe('createSharedScript', () => {
  it('runs a script over one key, and reads its answer', async () => {
    expect(await ask({ ...CALL, read: (given) => [given] })).toEqual([5])
    expect(calls).toEqual([['EVAL', 'return 1', '1', 'k', '7', 'x']])
    expect([timer.pending(), events]).toEqual([0, []])
  })

  it('waits 100 ms for an answer, and no longer', async () => {
    answer = silence
    const read = jest.fn()
    void ask(CALL).then(read)
    await timer.advance(99)
    expect(read).not.toHaveBeenCalled()
    await timer.advance(1)
    expect(read).toHaveBeenCalledWith(undefined)
    expect(events).toMatchObject([{ name: 'ratelimit.degraded', limiter: 'throttle' }])
  })

  it.each<[string, () => Promise<unknown>]>([
    ['rejects', failure],
    [
      'throws at once',
      () => {
        throw new Error('gone')
      },
    ],
  ])('never rejects where the client %s, and says once why', async (_name, fails) => {
    answer = fails
    expect(await ask(CALL)).toBeUndefined()
    await timer.advance(1000)
    expect(await ask(CALL)).toBeUndefined()
    expect(calls).toHaveLength(2)
    expect(events).toEqual([DEGRADED])
  })

  it('does not take an answer that cannot be read', async () => {
    expect(await ask({ ...CALL, read: unreadable })).toBeUndefined()
    expect(events).toEqual([DEGRADED])
  })

  it('puts no line of its own into a log', async () => {
    answer = async () => Promise.reject(new Error(`gone\nroot logged in${'.'.repeat(1000)}`))
    await ask(CALL)
    expect(events).toMatchObject([{ detail: expect.stringMatching(/^gone\?root[ -~]{0,400}$/) }])
  })

  it('tells of an answer that came when nobody waited any more, and of no other', async () => {
    const late = jest.fn()
    const answered = new EventEmitter()
    answer = async () => (await once(answered, 'answer'))[0] as unknown
    const asking = ask({ ...CALL, late })
    await timer.advance(100)
    expect(await asking).toBeUndefined()
    expect(late).not.toHaveBeenCalled()
    answered.emit('answer', 9)
    await timer.advance(0)
    expect(late.mock.calls).toEqual([[9]])
    await timer.advance(1000)
    answer = failure
    await ask({ ...CALL, late })
    answer = async () => 5
    await timer.advance(1000)
    await ask({ ...CALL, late })
    expect(late).toHaveBeenCalledTimes(1)
  })
})

describe('createSharedScript: a Redis that fails', () => {
  beforeEach(async () => {
    answer = failure
    await ask(CALL)
    calls = []
  })

  it('is left alone for a second, and then asked by one', async () => {
    await timer.advance(999)
    expect(await ask(CALL)).toBeUndefined()
    expect(calls).toHaveLength(0)
    await timer.advance(1)
    answer = silence
    const probe = ask(CALL)
    expect(await ask(CALL)).toBeUndefined()
    expect(calls).toHaveLength(1)
    await timer.advance(100)
    expect(await probe).toBeUndefined()
  })

  it('is left alone for a second from the end of each try', async () => {
    await timer.advance(1000)
    answer = silence
    const probe = ask(CALL)
    await timer.advance(100)
    await probe
    await timer.advance(999)
    await ask(CALL)
    expect(calls).toHaveLength(1)
    await timer.advance(1)
    void ask(CALL)
    expect(calls).toHaveLength(2)
  })

  it('is asked all the same where it has just answered, if late', async () => {
    answer = async () => 5
    expect(await ask({ ...CALL, anyway: true })).toBe(5)
    expect(await ask(CALL)).toBe(5)
  })

  it('is said to be back, once', async () => {
    await timer.advance(1000)
    answer = async () => 5
    expect([await ask(CALL), await ask(CALL)]).toEqual([5, 5])
    expect(events).toEqual([DEGRADED, { name: 'ratelimit.recovered', limiter: 'throttle' }])
    answer = failure
    await ask(CALL)
    expect(events).toHaveLength(3)
  })
})

describe('countsIn', () => {
  it.each<[string, unknown, readonly number[]]>([
    ['numbers', [3, 500], [3, 500]],
    ['numbers as text, which some clients give', ['3', '0'], [3, 0]],
    ['more than was asked for', [1, 2, 3], [1, 2]],
  ])('takes %s', (_name, given, counts) => {
    expect(countsIn(given, 2)).toEqual(counts)
  })

  it.each<[string, unknown]>([
    ['words', 'OK'],
    ['nothing', null],
    ['an empty list', []],
    ['a count alone', [3]],
    ['no numbers', ['a', 'b']],
    ['a count of none', [0, 500]],
    ['a count below none', [-1, 500]],
    ['a second number below none', [3, -1]],
    ['a second number that is none', [3, Number.NaN]],
  ])('does not take %s', (_name, given) => {
    expect(() => countsIn(given, 2)).toThrow('Redis did not answer with a count')
  })
})
