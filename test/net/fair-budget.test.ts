import { beforeEach, expect, it } from '@jest/globals'
import { NOBODY } from '../../lib/core/queue/sender.js'
import { FairBudget } from '../../lib/net/fair-budget.js'
import { manualTimer, type ManualTimer } from '../support/manual-timer.js'

let timer: ManualTimer
let budget: FairBudget

beforeEach(() => {
  timer = manualTimer()
  budget = new FairBudget({
    burst: 2,
    intervalMs: 100,
    timer,
    reason: 'overloaded',
    purpose: 'budget',
  })
})

it('FairBudget is spent at once as long as there is some', () => {
  expect([budget.trySpend(), budget.trySpend(), budget.trySpend()]).toEqual([true, true, false])
})

it('FairBudget is waited for, network by network', async () => {
  budget.trySpend()
  budget.trySpend()
  const served: string[] = []
  for (const network of ['a', 'a', 'b']) {
    void budget.wait({ ...NOBODY, network }).then(() => served.push(network))
  }
  await timer.advance(100)
  expect(served).toEqual(['a'])
  await timer.advance(100)
  expect(served).toEqual(['a', 'b'])
  await timer.advance(100)
  expect(served).toEqual(['a', 'b', 'a'])
})

it('FairBudget refuses after a second of waiting, and spends nothing on what became needless', async () => {
  const slow = new FairBudget({
    burst: 1,
    intervalMs: 5000,
    timer,
    reason: 'overloaded',
    purpose: 'budget',
  })
  slow.trySpend()
  const needless = slow.wait(NOBODY, { needless: () => true })
  const refused = slow.wait(NOBODY).catch((error: unknown) => error)
  await timer.advance(1100)
  expect(await needless).toBe(false)
  expect(await refused).toMatchObject({ reason: 'overloaded' })
})
