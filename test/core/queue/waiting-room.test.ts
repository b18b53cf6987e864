import { beforeEach, describe, expect, it } from '@jest/globals'
import { WaitingRoom, type Waiting } from '../../../lib/core/queue/waiting-room.js'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import { NOBODY, type Sender } from '../../../lib/core/queue/sender.js'
import { manualTimer, settle, type ManualTimer } from '../../support/manual-timer.js'
import { senderOf } from '../../support/senders.js'

let timer: ManualTimer
let free: number
let expected: number
let room: WaitingRoom
let outcomes: string[]

beforeEach(() => {
  timer = manualTimer()
  free = 0
  expected = 0
  outcomes = []
  room = new WaitingRoom({
    timer,
    take() {
      if (free === 0) return false
      free -= 1
      return true
    },
    expectedMs: () => expected,
    reason: 'overloaded',
    purpose: 'place',
  })
})

function wait(name: string, sender: Sender = NOBODY, waiting: Waiting = {}): void {
  room.wait(sender, waiting).then(
    (taken) => outcomes.push(`${name} ${taken ? 'in' : 'needless'}`),
    (error: AuthError) => outcomes.push(`${name} out: ${error.detail}`),
  )
}

async function admit(places: number): Promise<string[]> {
  free += places
  room.admit()
  await settle()
  return outcomes.splice(0)
}

describe('a room where requests wait', () => {
  it('is passed by at once where nobody waits and there is something to take', () => {
    expect(room.tryTake()).toBe(false)
    free = 1
    expect([room.tryTake(), room.tryTake()]).toEqual([true, false])
    wait('a')
    free = 1
    expect(room.tryTake()).toBe(false)
    expect(room.waiting).toBe(1)
  })

  it('lets in as many as there is something for, by network in turn', async () => {
    for (const name of ['a1', 'a2', 'a3']) wait(name, senderOf('a'))
    wait('b1', senderOf('b'))
    expect(await admit(2)).toEqual(['a1 in', 'b1 in'])
    expect(await admit(5)).toEqual(['a2 in', 'a3 in'])
    expect(free).toBe(3)
  })

  it('lets the last of a network come after all else of it', async () => {
    wait('last', senderOf('a'), { last: true })
    wait('first', senderOf('a'))
    expect(await admit(1)).toEqual(['first in'])
  })

  it('keeps nobody for more than a second', async () => {
    wait('a')
    await timer.advance(990)
    expect(outcomes).toEqual([])
    await timer.advance(25)
    expect(outcomes).toEqual(['a out: No place: it took too long'])
    expect(timer.pending()).toBe(0)
  })

  it('keeps nobody beyond what is left of the patience of its request', async () => {
    wait('a', senderOf('a', timer.now() - 2400))
    await timer.advance(125)
    expect(outcomes).toEqual(['a out: No place: it took too long'])
  })

  it('spends nothing on who came too late, has gone, or needs it no more', async () => {
    const gone = senderOf('a')
    wait('late', senderOf('b', timer.now() - 2490))
    wait('gone', gone)
    wait('needless', senderOf('c'), { needless: () => true })
    wait('d', senderOf('d'))
    gone.gone = true
    await timer.advance(10)
    expect((await admit(1)).toSorted()).toEqual([
      'd in',
      'gone out: No place: the client has gone',
      'late out: No place: it took too long',
      'needless needless',
    ])
    expect(free).toBe(0)
  })

  it('gives back the memory of who has gone, without being asked', async () => {
    const gone = senderOf('a')
    wait('gone', gone)
    wait('other', senderOf('b'))
    gone.gone = true
    await timer.advance(25)
    expect(outcomes).toEqual(['gone out: No place: the client has gone'])
    expect([room.waiting, timer.pending()]).toEqual([1, 1])
  })

  it('takes in nobody who would wait for more than a second, but the longest queue pays', async () => {
    wait('a1', senderOf('a'))
    wait('a2', senderOf('a'))
    expected = 1000
    wait('b1', senderOf('b'))
    await settle()
    expect(outcomes).toEqual([])
    expected = 1001
    wait('b2', senderOf('c'))
    await settle()
    expect(outcomes).toEqual(['a2 out: No place: too many are waiting'])
  })

  it('takes in ten thousand', async () => {
    for (let n = 0; n < 10_000; n += 1) wait(`${n}`)
    await settle()
    expect(outcomes).toEqual([])
    wait('one more')
    await settle()
    expect(outcomes).toHaveLength(1)
    expect(room.waiting).toBe(10_000)
  })

  it('refuses as temporarily unavailable, by its reason', async () => {
    expected = 1001
    const refusal: unknown = await room.wait(NOBODY).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(AuthError)
    expect(refusal).toMatchObject({ code: 'temporarily_unavailable', reason: 'overloaded' })
  })
})
