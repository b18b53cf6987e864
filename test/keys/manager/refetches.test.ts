import { beforeEach, describe, expect, it } from '@jest/globals'
import type { Place } from '../../../lib/keys/documents/metadata-place.js'
import type { KeySet } from '../../../lib/keys/key-set.js'
import { KeysUnavailable, RefetchOverBudget } from '../../../lib/keys/key-source.js'
import type { KeyRefresher } from '../../../lib/keys/manager/key-refresher.js'
import { createRefetches, type Refetches } from '../../../lib/keys/manager/refetches.js'
import { Budget } from '../../../lib/net/budget.js'
import { manualTimer, settle, type ManualTimer } from '../../support/manual-timer.js'

/** A set is told from another by its generation alone. */
const setOf = (generation: number): KeySet => ({ generation }) as KeySet
const KEYS = [{}] as never
/** Chooses keys of the second set on. */
const fromSecond = ({ generation }: KeySet): never => (generation > 1 ? KEYS : ([] as never))

let timer: ManualTimer
let budget: Budget
let set: KeySet | undefined
let failure: ReturnType<KeyRefresher['failure']>
let asking: Promise<Place> | undefined
/** Numbers of the refreshes that were begun. */
let begun: number
/** Ends the refresh under way. */
let end: (() => void) | undefined
let refetches: Refetches

beforeEach(() => {
  timer = manualTimer()
  budget = new Budget(2, 30_000, timer.now)
  set = undefined
  failure = undefined
  asking = undefined
  begun = 0
  end = undefined
  refetches = createRefetches(scripted, budget, timer)
})

/** A refresher that ends a refresh when it is told to. */
const scripted: KeyRefresher = {
  usableSet: () => set,
  failure: () => failure,
  underWay: () => (end === undefined ? undefined : begun),
  placeAsked: () => asking,
  refresh() {
    if (end === undefined) {
      begun += 1
      done = new Promise((resolve) => {
        end = () => {
          end = undefined
          resolve()
        }
      })
    }
    return { number: begun, done }
  },
  status: () => ({}) as never,
  close: () => undefined,
}
let done: Promise<void>

function finish(outcome: { readonly set?: KeySet; readonly fails?: string }): void {
  set = outcome.set ?? set
  failure =
    outcome.fails === undefined
      ? undefined
      : ({ message: outcome.fails, askAgainAt: timer.now() + 4500 } as typeof failure)
  end?.()
}

async function refused(waiting: Promise<unknown>): Promise<unknown> {
  const error = await waiting.catch((thrown: unknown) => thrown)
  if (!(error instanceof KeysUnavailable)) return 'no refusal'
  return [error.message, error.retryAfterSeconds]
}

function search(leaving?: number): Promise<unknown> {
  return refetches.until(fromSecond, timer.now() + 1000, leaving)
}

describe('the first keys', () => {
  it('are those of the refresh under way, which is begun where there is none', async () => {
    const waiting = [refetches.first(timer.now() + 1000), refetches.first(timer.now() + 1000)]
    finish({ set: setOf(1) })
    expect(await Promise.all(waiting)).toEqual([setOf(1), setOf(1)])
    expect([begun, timer.pending()]).toEqual([1, 0])
  })

  it('are waited for until the deadline of a request, and no longer', async () => {
    const waiting = refused(refetches.first(timer.now() + 1000))
    await timer.advance(999)
    expect(timer.pending()).toBe(1)
    await timer.advance(1)
    expect(await waiting).toEqual(['The keys are not there yet', 1])
  })

  it('are not waited for by a request whose deadline is over', async () => {
    const waiting = refused(refetches.first(timer.now() - 1))
    await timer.advance(0)
    expect(await waiting).toEqual(['The keys are not there yet', 1])
  })

  it('cannot be had where the fetch fails, until it is tried again', async () => {
    const waiting = refused(refetches.first(timer.now() + 1000))
    finish({ fails: 'down' })
    expect(await waiting).toEqual(['down', 5])
    expect(await refused(refetches.first(timer.now() + 1000))).toEqual(['down', 5])
    expect(begun).toBe(1)
    await timer.advance(4499)
    expect(await refused(refetches.first(timer.now() + 1000))).toEqual(['down', 1])
    await timer.advance(1)
    const again = refetches.first(timer.now() + 1000)
    finish({ set: setOf(1) })
    expect(await again).toEqual(setOf(1))
  })

  it('join a try that is under way although the last one failed', async () => {
    failure = { message: 'down', askAgainAt: timer.now() + 4500 } as typeof failure
    scripted.refresh()
    const waiting = refetches.first(timer.now() + 1000)
    finish({ set: setOf(1) })
    expect(await waiting).toEqual(setOf(1))
  })

  it('are fetched no more once closed', async () => {
    refetches.close()
    expect(await refused(refetches.first(timer.now() + 1000))).toEqual([
      'The keys are closed, and fetched no more',
      1,
    ])
    expect(begun).toBe(0)
  })
})

describe('a refetch for a key', () => {
  it('ends with the keys that it finds', async () => {
    const waiting = search()
    finish({ set: setOf(2) })
    expect(await waiting).toBe(KEYS)
  })

  it('is proof that there is no such key, where it began after the request', async () => {
    const waiting = search()
    finish({ set: setOf(1) })
    expect(await waiting).toEqual([])
    expect(begun).toBe(1)
  })

  it('is no proof where it was under way: then one more is', async () => {
    scripted.refresh()
    const waiting = search()
    finish({ set: setOf(1) })
    await settle()
    expect(begun).toBe(2)
    finish({ set: setOf(1) })
    expect(await waiting).toEqual([])
    expect(budget.take(1)).toBe(false)
  })

  it('costs nothing of the budget where one under way brings the key', async () => {
    scripted.refresh()
    const waiting = search()
    finish({ set: setOf(2) })
    expect(await waiting).toBe(KEYS)
    expect([budget.take(), budget.take(), budget.take()]).toEqual([true, true, false])
  })

  it.each([
    [0, 2],
    [1, 1],
    [2, 0],
  ])('leaves %i of a budget of two for others', async (leaving, calls) => {
    for (let call = 0; call < calls; call += 1) {
      const waiting = search(leaving)
      finish({ set: setOf(1) })
      expect(await waiting).toEqual([])
    }
    expect(await search(leaving)).toBeUndefined()
    expect(begun).toBe(calls)
  })

  it('is an outage where the fetch fails, also with older keys in hand', async () => {
    set = setOf(2)
    const waiting = refused(search())
    finish({ fails: 'down' })
    expect(await waiting).toEqual(['down', 5])
    expect(await refused(search())).toEqual(['down', 5])
    expect(begun).toBe(1)
  })

  it('is an outage where nothing usable came', async () => {
    const waiting = refused(search())
    finish({})
    expect(await waiting).toEqual(['The keys are not there yet', 1])
  })

  it('is an outage, and not over budget, where the last try failed', async () => {
    budget.take()
    budget.take()
    failure = { message: 'down', askAgainAt: timer.now() } as typeof failure
    expect(await refused(search())).toEqual(['down', 1])
  })

  it('looks again where the metadata say that the keys have moved', async () => {
    asking = Promise.resolve('moved')
    const waiting = search()
    finish({ set: setOf(1) })
    await settle()
    asking = Promise.resolve('same')
    finish({ set: setOf(1) })
    expect(await waiting).toEqual([])
    expect(begun).toBe(2)
  })

  it.each<[string, Promise<Place>, number]>([
    ['say nothing', Promise.resolve('silent'), 0],
    ['do not answer in time', new Promise(() => undefined), 1000],
  ])('is an outage where the metadata %s', async (_name, place, waitMs) => {
    asking = place
    const waiting = refused(search())
    finish({ set: setOf(1) })
    await timer.advance(waitMs)
    expect(await waiting).toEqual(['The metadata are silent, and the key may be where they say', 1])
  })

  it('is over once closed', async () => {
    refetches.close()
    expect(await refused(search())).toEqual(['The keys are closed, and fetched no more', 1])
  })
})

describe('a budget that is spent', () => {
  it.each([
    [30_000, 30],
    [29_001, 30],
    [500, 1],
    [0, 1],
    [90_000, 60],
  ])('asks to come back when there is one more: in %i ms', (waitMs, seconds) => {
    const spent = { waitMs: () => waitMs } as Budget
    const error = createRefetches(scripted, spent, timer).overBudget()
    expect(error).toBeInstanceOf(RefetchOverBudget)
    expect(error.retryAfterSeconds).toBe(seconds)
  })
})
