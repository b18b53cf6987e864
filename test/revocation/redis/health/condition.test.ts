import { beforeEach, describe, expect, it } from '@jest/globals'
import {
  createCondition,
  type ConditionKeeper,
} from '../../../../lib/revocation/redis/health/condition.js'
import type { Happening } from '../../../../lib/revocation/redis/health/transitions.js'
import { manualTimer, settle, type ManualTimer } from '../../../support/manual-timer.js'
import { scriptedRedis, settingsOver } from '../../../support/scripted-redis.js'

const PROVEN: Happening = { kind: 'proven', detail: undefined }
const CONNECTED: Happening = { kind: 'connected' }
const CLOSED: Happening = { kind: 'closed' }
const LOST: Happening = { kind: 'lost', detail: 'the lineage is gone' }
const REFUSED: Happening = { kind: 'refused', detail: 'too old' }
const cause = new Error('ECONNREFUSED')
const FAILED: Happening = { kind: 'failed', permanent: false, beat: false, cause, detail: 'no way' }

let timer: ManualTimer
let told: unknown[]
let condition: ConditionKeeper

function create(onDataLoss: 'floor' | 'refuse' = 'floor'): ConditionKeeper {
  const settings = settingsOver(
    scriptedRedis(() => null),
    timer,
    { onDataLoss },
  )
  return createCondition(settings, (state, detail) => told.push([state, detail]))
}

beforeEach(() => {
  timer = manualTimer()
  told = []
  condition = create()
})

function proven(): void {
  condition.provenAsOf(timer.now())
  condition.take(PROVEN)
}

const outcomeOf = (promise: Promise<void>): Promise<string> =>
  promise.then(
    () => 'ready',
    (error: Error) => error.message,
  )

describe('where a store stands', () => {
  it('is told once for each state', () => {
    condition.take(CONNECTED)
    condition.take(CONNECTED)
    proven()
    proven()
    condition.take(FAILED)
    expect(told).toEqual([
      ['verifying', 'connected, but nothing is proven yet'],
      ['ready', undefined],
      ['down', 'no way'],
    ])
    expect(condition).toMatchObject({ state: 'down', detail: 'no way' })
  })

  it('is stale once its proof is too old, and ready again by the next', async () => {
    proven()
    await timer.advance(1000)
    expect(condition.state).toBe('ready')
    await timer.advance(1)
    expect(condition.state).toBe('stale')
    expect(condition.unavailable().message).toBe('The revocation store is stale')
    proven()
    expect(condition.state).toBe('ready')
    condition.take(FAILED)
    await timer.advance(5000)
    expect(condition.state).toBe('down')
  })

  it('is said in an outage, with its reason and its cause', () => {
    condition.take(FAILED)
    const error = condition.unavailable()
    expect(error.message).toBe('The revocation store is down: no way')
    expect(error.cause).toMatchObject({ message: 'ECONNREFUSED' })
  })
})

describe('those who wait for a store', () => {
  it('go on at once where it is ready', async () => {
    proven()
    expect(await outcomeOf(condition.ready())).toBe('ready')
    expect(await outcomeOf(condition.started())).toBe('ready')
  })

  it('go on once it is', async () => {
    const waiting = Promise.all([outcomeOf(condition.ready()), outcomeOf(condition.started())])
    condition.take(CONNECTED)
    condition.take(FAILED)
    proven()
    expect(await waiting).toEqual(['ready', 'ready'])
  })

  it.each<[string, Happening, string]>([
    ['it is closed', CLOSED, 'The revocation store is closed: it was closed'],
    ['it is refused', REFUSED, 'The revocation store is refused: too old'],
    ['it was lost', { kind: 'lost', detail: 'gone' }, 'The revocation store is lost: gone'],
  ])('are turned away where %s, before and after', async (_name, happening, message) => {
    condition = create('refuse')
    const before = outcomeOf(condition.ready())
    condition.take(happening)
    expect(await before).toBe(message)
    expect(await outcomeOf(condition.ready())).toBe(message)
    expect(await outcomeOf(condition.started())).toBe(message)
  })

  it('go on waiting through a loss that leads to a floor', async () => {
    const waiting = outcomeOf(condition.ready())
    condition.take(LOST)
    await settle()
    proven()
    expect(await waiting).toBe('ready')
  })

  it('of the first requests wait for two seconds from the construction, and no longer', async () => {
    await timer.advance(1500)
    const waiting = outcomeOf(condition.started())
    condition.take(FAILED)
    await timer.advance(499)
    let over = false
    void waiting.then(() => (over = true))
    await settle()
    expect(over).toBe(false)
    await timer.advance(1)
    expect(await waiting).toBe('The revocation store is down: no way')
    const pending = timer.pending()
    expect(await outcomeOf(condition.started())).toBe('The revocation store is down: no way')
    expect(timer.pending()).toBe(pending)
  })
})
