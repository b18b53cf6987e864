import { describe, expect, it } from '@jest/globals'
import { AuthError } from '../../../../lib/core/verdicts/errors.js'
import { createTurns } from '../../../../lib/session/handler/tokens/turns.js'
import type { SessionStore } from '../../../../lib/session/session-store.js'
import { manualTimer, settle } from '../../../support/manual-timer.js'

const SESSION = { record: 'r', version: 1, idleExpiresAt: 9 }
const CHANGE = { record: 'next', holder: 'me', version: 1 }
const OUT = new AuthError('temporarily_unavailable', { reason: 'sessions_unavailable' })

function turnsOver(store: Partial<SessionStore>): {
  timer: ReturnType<typeof manualTimer>
  turns: ReturnType<typeof createTurns>
} {
  const timer = manualTimer(0)
  return { timer, turns: createTurns(store as SessionStore, timer, 3000) }
}

describe('the turn to renew', () => {
  it('is taken for as long as the call and the writing may take', async () => {
    const asked: unknown[] = []
    const { turns } = turnsOver({ lock: async (...all) => (asked.push(all), SESSION) })
    expect(await turns.take('key', 'me')).toBe(SESSION)
    expect(asked).toEqual([['key', 'me', 13_000]])
  })

  it('is waited for, ever longer up to 200 ms, and comes with the session as it is then', async () => {
    const times: number[] = []
    const { timer, turns } = turnsOver({
      lock: async () => (times.push(timer.now()), times.length < 7 ? 'held' : SESSION),
    })
    const taken = turns.take('key', 'me')
    await timer.advance(2000)
    expect(await taken).toBe(SESSION)
    expect(times).toEqual([0, 25, 75, 175, 375, 575, 775])
  })

  it('that another holds for longer than a call may take is an outage', async () => {
    const { timer, turns } = turnsOver({ lock: async () => 'held' })
    const taken = turns.take('key', 'me')
    await timer.advance(2999)
    await timer.advance(200)
    expect(await taken).toMatchObject({ status: 503, reason: 'sessions_unavailable' })
  })

  it.each([
    ['a session that is over', async () => undefined, { status: 401, reason: 'session_unknown' }],
    ['a store that is out', () => Promise.reject(OUT), OUT],
  ])('is not there for %s', async (_what, lock, answer) => {
    expect(await turnsOver({ lock }).turns.take('key', 'me')).toMatchObject(answer)
  })

  it('is given back even where nobody hears it', async () => {
    const { turns } = turnsOver({ unlock: () => Promise.reject(OUT) })
    expect(await turns.give('key', 'me')).toBeUndefined()
  })
})

describe('a renewed session that could not be written', () => {
  it.each([
    ['is written behind the request, once the store is back', [OUT, OUT, true], 3, 1],
    ['is left where the session is over meanwhile', [OUT, false], 2, 0],
    ['is tried for ten seconds, and no longer', Array.from({ length: 100 }, () => OUT), 41, 0],
    ['needs no second try where it was written', [true], 1, 0],
    ['needs none where the session is over', [false], 1, 0],
  ])('%s', async (_what, answers, tries, late) => {
    let tried = 0
    let told = 0
    const { timer, turns } = turnsOver({
      async write() {
        const answer = answers[tried]!
        tried += 1
        if (answer instanceof AuthError) throw answer
        return answer
      },
    })
    expect(await turns.write('key', CHANGE, () => void (told += 1))).toBe(answers[0])
    await timer.advance(60_000)
    await settle()
    expect([tried, told]).toEqual([tries, late])
  })
})
