import { beforeEach, describe, expect, it } from '@jest/globals'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import { Places } from '../../../lib/core/queue/places.js'
import { NOBODY, type Sender } from '../../../lib/core/queue/sender.js'
import { manualTimer, type ManualTimer } from '../../support/manual-timer.js'
import { senderOf } from '../../support/senders.js'

let timer: ManualTimer
let places: Places
/** Names of the work that has begun, and how to end it. */
let begun: string[]
let ends: Map<string, () => void>
let outcomes: Map<string, unknown>

beforeEach(() => {
  timer = manualTimer()
  places = new Places({ count: 2, timer, reason: 'overloaded', purpose: 'place' })
  begun = []
  ends = new Map()
  outcomes = new Map()
})

/** Asks for a place, for work that lasts until it is ended. */
function ask(name: string, sender: Sender = NOBODY, waiting = {}): void {
  const work = (): Promise<string> => {
    begun.push(name)
    return new Promise((resolve) => ends.set(name, () => resolve('done')))
  }
  places.run(work, sender, waiting).then(
    (value) => outcomes.set(name, value),
    (error: unknown) => outcomes.set(name, error),
  )
}

async function end(name: string, afterMs = 0): Promise<void> {
  await timer.advance(afterMs)
  ends.get(name)!()
  await timer.advance(0)
}

/** Fills both places. */
function occupy(): void {
  ask('x')
  ask('y')
}

const detailOf = (name: string): unknown => {
  const error = outcomes.get(name)
  return error instanceof AuthError ? [error.status, error.reason, error.detail] : error
}

describe('Places', () => {
  it('begins at once while there is room, and each other one when one has ended', async () => {
    for (const name of ['a', 'b', 'c', 'd']) ask(name)
    expect(begun).toEqual(['a', 'b'])
    await end('b')
    expect(begun).toEqual(['a', 'b', 'c'])
    await end('a')
    await end('c')
    await end('d')
    expect([...outcomes.values()]).toEqual(['done', 'done', 'done', 'done'])
  })

  it('serves networks in turn, however many of one wait', async () => {
    occupy()
    const [flood, one] = [senderOf('flood'), senderOf('one')]
    for (const name of ['f1', 'f2', 'f3']) ask(name, flood)
    ask('good', one)
    await end('x')
    await end('y')
    expect(begun.slice(2)).toEqual(['f1', 'good'])
  })

  it('lets nobody past who has not waited for a turn', async () => {
    occupy()
    ask('first', senderOf('one'))
    ends.get('x')!()
    ask('second', senderOf('two'))
    await timer.advance(0)
    expect(begun.slice(2)).toEqual(['first'])
  })

  it('serves those last of a network that are to come last', async () => {
    occupy()
    const [flood, other] = [senderOf('flood'), senderOf('other')]
    ask('doubtful', flood, { last: true })
    ask('good', flood)
    ask('doubtful of others', other, { last: true })
    await end('x')
    await end('y')
    await end('good')
    expect(begun.slice(2)).toEqual(['good', 'doubtful of others', 'doubtful'])
  })

  it('refuses at once what would wait for more than a second, as long as the last ones took', async () => {
    // The mean is 1 ms at first, and moves by a sixteenth: 26 ms.
    occupy()
    await end('x', 400)
    ask('x')
    const flood = senderOf('flood', timer.now())
    for (let count = 0; count < 80; count += 1) ask(`f${count}`, flood)
    await timer.advance(0)
    const refused = [...outcomes.keys()].filter((name) => name.startsWith('f'))
    expect(refused[0]).toBe('f77')
    expect(detailOf('f77')).toEqual([503, 'overloaded', 'No place: too many are waiting'])
    expect(outcomes.get('f77')).toMatchObject({ retryAfterSeconds: 1 })
  })

  it('refuses whoever has most, not whoever comes, once too many wait', async () => {
    occupy()
    await end('x', 400)
    ask('x')
    const flood = senderOf('flood', timer.now())
    for (let count = 0; count < 80; count += 1) ask(`f${count}`, flood)
    ask('good', senderOf('one', timer.now()))
    await timer.advance(0)
    expect(outcomes.has('good')).toBe(false)
    expect(outcomes.has('f76')).toBe(true)
    await end('x')
    await end('y')
    expect(begun.slice(3)).toEqual(['f0', 'good'])
  })

  it('keeps no more than 10,000 waiting, however quickly it goes', async () => {
    for (let count = 0; count < 200; count += 1) await places.run(async () => 'quick', NOBODY)
    occupy()
    for (let count = 0; count <= 10_000; count += 1) ask(`f${count}`)
    await timer.advance(0)
    expect([...outcomes.keys()]).toEqual(['f10000'])
  })

  it('refuses whoever has waited a second, also where nothing ends', async () => {
    occupy()
    ask('a', senderOf('one'))
    await timer.advance(975)
    expect(outcomes.size).toBe(0)
    await timer.advance(50)
    expect(detailOf('a')).toEqual([503, 'overloaded', 'No place: it took too long'])
  })

  it('refuses before that whoever has waited elsewhere: 2.5 seconds in all', async () => {
    occupy()
    ask('a', senderOf('one', timer.now() - 2000))
    await timer.advance(475)
    expect(outcomes.size).toBe(0)
    await timer.advance(50)
    expect(detailOf('a')).toEqual([503, 'overloaded', 'No place: it took too long'])
  })

  it('forgets whose client has gone, soon and without doing the work', async () => {
    occupy()
    const [gone, here] = [senderOf('one'), senderOf('one')]
    ask('gone', gone)
    ask('here', here)
    gone.gone = true
    await timer.advance(25)
    expect(detailOf('gone')).toEqual([503, 'overloaded', 'No place: the client has gone'])
    gone.gone = false
    here.gone = true
    ask('next', senderOf('one'))
    await end('x')
    expect(begun.slice(2)).toEqual(['next'])
    expect(outcomes.has('here')).toBe(true)
  })

  it('lets go whoever has nothing to wait for any more, and does no work for him', async () => {
    occupy()
    let there = false
    ask('a', senderOf('one'), { needless: () => there })
    ask('b', senderOf('one'))
    there = true
    await end('x')
    expect(outcomes.has('a')).toBe(true)
    expect(outcomes.get('a')).toBeUndefined()
    expect(begun.slice(2)).toEqual(['b'])
  })

  it('keeps no timer once nobody waits', async () => {
    occupy()
    ask('a', senderOf('one'))
    expect(timer.pending()).toBe(1)
    await end('x')
    await timer.advance(25)
    expect(timer.pending()).toBe(0)
  })

  it('gives the place back where work fails, at once or later', async () => {
    const fails = [
      () => Promise.reject(new Error('rejected')),
      (): Promise<never> => {
        throw new Error('thrown')
      },
    ]
    for (const work of [...fails, ...fails]) {
      await expect(places.run(work, NOBODY)).rejects.toThrow(/rejected|thrown/)
    }
    occupy()
    expect(begun).toEqual(['x', 'y'])
  })
})
