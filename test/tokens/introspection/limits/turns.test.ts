import { beforeEach, describe, expect, it } from '@jest/globals'
import { NOBODY } from '../../../../lib/core/queue/sender.js'
import { AuthError } from '../../../../lib/core/verdicts/errors.js'
import { Turns } from '../../../../lib/tokens/introspection/limits/turns.js'
import { manualTimer, settle, type ManualTimer } from '../../../support/manual-timer.js'
import { senderOf } from '../../../support/senders.js'

type Outcome = Awaited<ReturnType<Turns['run']>>

let timer: ManualTimer
let turns: Turns
let begun: number

beforeEach(() => {
  timer = manualTimer()
  turns = new Turns(timer)
  begun = 0
})

const answer = (active: boolean): Outcome => ({ active, claims: {}, key: undefined })
const outage = new AuthError('temporarily_unavailable', { reason: 'introspection_unavailable' })

function ask(outcome: Outcome, isFamiliar = false, sender = NOBODY): Promise<Outcome> {
  const call = async (): Promise<Outcome> => {
    begun += 1
    return outcome
  }
  return turns.run(call, sender, isFamiliar)
}

const many = (count: number, each: () => Promise<unknown>): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, each))

const fault = (): Promise<Outcome> => Promise.reject(new Error('a fault'))

describe('calls to an introspection endpoint', () => {
  it('bring what was answered', async () => {
    expect([await ask(answer(true)), await ask(outage)]).toEqual([answer(true), outage])
  })

  it.each<[string, Outcome]>([
    ['inactive tokens', answer(false)],
    ['calls that fail', outage],
  ])('are a hundred at once for %s, and twenty a second more', async (_what, outcome) => {
    void many(300, () => ask(outcome))
    await settle()
    expect(begun).toBe(100)
    await timer.advance(49)
    expect(begun).toBe(100)
    await timer.advance(1)
    expect(begun).toBe(101)
    await timer.advance(900)
    expect(begun).toBe(119)
  })

  it('refuse whoever would wait too long, as an outage', async () => {
    void many(100, () => ask(answer(false)))
    const late = senderOf('one', timer.now())
    const all = many(100, () => ask(answer(false), false, late))
    await timer.advance(1100)
    const outcomes = (await all) as readonly Outcome[]
    const refused = outcomes.filter((each) => each instanceof AuthError)
    expect(refused.length).toBeGreaterThan(70)
    expect(refused[0]).toMatchObject({ status: 503, reason: 'introspection_over_budget' })
  })

  it.each<[string, boolean, boolean]>([
    ['active tokens', true, false],
    ['tokens that were active a moment ago', false, true],
  ])('cost nothing for %s', async (_what, active, isFamiliar) => {
    await many(150, () => ask(answer(active), isFamiliar))
    for (let at = 0; at < 100; at += 1) await ask(answer(active), isFamiliar)
    void many(100, () => ask(answer(false)))
    await settle()
    expect(begun).toBe(350)
  })

  it('are 200 at once, and one that nobody waits for any more costs nothing', async () => {
    const ends: (() => void)[] = []
    const slow = (): Promise<Outcome> => {
      begun += 1
      return new Promise((resolve) => ends.push(() => resolve(answer(true))))
    }
    void many(200, () => turns.run(slow, NOBODY, true))
    const gone = senderOf('one', timer.now())
    const waiting = turns.run(slow, gone, false)
    await settle()
    expect(begun).toBe(200)
    gone.gone = true
    ends[0]!()
    await timer.advance(25)
    expect(await waiting).toMatchObject({ status: 503, reason: 'introspection_over_budget' })
    for (const end of ends) end()
    await settle()
    begun = 0
    void many(101, () => ask(answer(false)))
    await settle()
    expect(begun).toBe(100)
  })

  it('reject as the call does', async () => {
    await expect(turns.run(fault, NOBODY, true)).rejects.toThrow('a fault')
  })
})
