import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { GUARD_TOLERANCE } from '../../../lib/core/auth/guard-tolerance.js'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { AuthError, invalidToken } from '../../../lib/core/verdicts/errors.js'
import { Stream, type LiveState } from '../../../lib/guards/streams/stream.js'
import type { LiveToken, Recheck } from '../../../lib/http/guard/recheck.js'
import { createResponder } from '../../../lib/http/guard/responder.js'
import type { AuthEvent } from '../../../lib/index.js'
import { authWith } from '../../support/behind-bearer.js'
import { manualTimer, settle, type ManualTimer } from '../../support/manual-timer.js'

const OUTAGE = new AuthError('temporarily_unavailable', {
  reason: 'revocation_unavailable',
  retryAfterSeconds: 1,
})

let now: number
let timer: ManualTimer
let events: AuthEvent[]
let ended: Stream[]

beforeEach(() => {
  now = 1_000_000
  timer = manualTimer()
  events = []
  ended = []
})

function open(token: LiveToken, ...denylists: Recheck[]): Stream {
  const req = new IncomingMessage(new Socket())
  const responder = createResponder(optionCheck('requireBearer'), {
    clock: () => now,
    onEvent: (event) => void events.push(event),
  })
  let denylist: LiveState['denylist']
  for (const recheck of denylists) denylist = { recheck, before: denylist }
  const state = { auth: token.auth, token, responder, res: new ServerResponse(req), denylist }
  return new Stream(req, state, timer, (stream) => ended.push(stream))
}

const recheck = (again: () => unknown, bypass: Recheck['bypass'] = () => false): Recheck => ({
  again,
  bypass,
})
const reasonOf = ({ signal }: Stream): string | undefined =>
  (signal.reason as AuthError | undefined)?.reason

describe('an exchange that stays open', () => {
  it('ends with its token', () => {
    const stream = open({ auth: authWith({ expiresAt: now + 10 }) })
    expect(stream.millisecondsLeft()).toBe(10_000)
    now += 9.999
    stream.look()
    expect(stream.signal.aborted).toBe(false)
    now += 0.001
    stream.look()
    expect(reasonOf(stream)).toBe('expired')
    expect(stream.over).toBe(true)
    expect(ended).toEqual([stream])
  })

  it('goes on for what its guard tolerates', () => {
    const auth = { ...authWith({ expiresAt: now + 10 }), [GUARD_TOLERANCE]: 5 }
    expect(open({ auth }).millisecondsLeft()).toBe(15_000)
  })

  it('ends once, and tells it once, not as a refusal', () => {
    const stream = open({ auth: authWith({ expiresAt: now }) })
    stream.look()
    stream.look()
    expect(ended).toHaveLength(1)
    expect(events).toEqual([
      expect.objectContaining({
        name: 'stream.ended',
        code: 'invalid_token',
        reason: 'expired',
        family: 'credential',
        detail: 'The token expired while its stream was open',
        token: expect.objectContaining({ issuer: 'https://id.test' }),
      }),
    ])
  })

  it('says nothing where there is no detail', () => {
    const stream = open({ auth: authWith(), again: () => invalidToken('bad_signature') })
    stream.look()
    expect(events[0]).not.toHaveProperty('detail')
  })

  it('is over without a word where its client went', () => {
    const stream = open({ auth: authWith({ expiresAt: now }) })
    stream.leave()
    stream.look()
    expect([stream.over, stream.signal.aborted, ended, events]).toEqual([true, false, [], []])
  })
})

describe('its token', () => {
  it('is judged anew where that is known, and the next time by what came of it', () => {
    const judged: string[] = []
    const token = (name: string, next?: LiveToken): LiveToken => ({
      auth: authWith({ tokenId: name, expiresAt: now + 10 }),
      again() {
        judged.push(name)
        return next ?? invalidToken('revoked')
      },
    })
    const stream = open(token('first', token('second')))
    stream.look()
    expect(stream.over).toBe(false)
    stream.look()
    expect(judged).toEqual(['first', 'second'])
    expect(reasonOf(stream)).toBe('revoked')
  })

  it('may be judged later', async () => {
    const stream = open({ auth: authWith(), again: async () => invalidToken('revoked') })
    stream.look()
    expect(stream.over).toBe(false)
    await settle()
    expect(reasonOf(stream)).toBe('revoked')
  })

  it('that nobody can judge for half a minute ends the stream, whatever the app says', async () => {
    const stream = open({ auth: authWith(), again: () => OUTAGE })
    for (let looks = 0; looks < 6; looks += 1) {
      expect(stream.over).toBe(false)
      await timer.advance(5000)
      stream.look()
    }
    expect(stream.signal.reason).toBe(OUTAGE)
  })
})

describe('its denylists', () => {
  it('are asked with each look but the first', () => {
    let asked = 0
    const list = recheck(() => void (asked += 1))
    const stream = open({ auth: authWith() }, list)
    expect([...stream.denylists]).toEqual([list])
    stream.look(false)
    expect(asked).toBe(0)
    stream.look()
    expect(asked).toBe(1)
    expect(stream.ask(list)).toBe(true)
    expect(asked).toBe(2)
  })

  it('end it, each of them', () => {
    const good = recheck(() => undefined)
    const bad = recheck(() => invalidToken('revoked'))
    const stream = open({ auth: authWith() }, good, bad)
    expect([...stream.denylists]).toEqual([bad, good])
    expect(stream.ask(good)).toBe(true)
    expect(stream.over).toBe(false)
    stream.ask(bad)
    expect(reasonOf(stream)).toBe('revoked')
  })

  it('are asked no more once it is over', () => {
    let asked = 0
    const list = recheck(() => void (asked += 1))
    const stream = open({ auth: authWith({ expiresAt: now }) }, list)
    stream.look()
    expect(stream.ask(list)).toBe(true)
    expect(asked).toBe(0)
  })

  it('say whether the answer was there at once; one of another stream always is', () => {
    const later = recheck(async () => undefined)
    const stream = open({ auth: authWith() }, later)
    expect(stream.ask(later)).toBe(false)
    expect(stream.ask(recheck(() => undefined))).toBe(true)
  })

  it.each<[string, Recheck['bypass'], boolean]>([
    ['goes on where the app says so', () => true, false],
    ['ends where the app does not', () => false, true],
    [
      'ends where the app fails',
      () => {
        throw new Error('x')
      },
      true,
    ],
    [
      'is told to the app with what opened it',
      (outage, { auth, req }) =>
        outage === OUTAGE && auth.tokenId === 'token-1' && req instanceof IncomingMessage,
      false,
    ],
  ])('in an outage of half a minute it %s', async (_name, bypass, over) => {
    const list = recheck(() => OUTAGE, bypass)
    const stream = open({ auth: authWith() }, list)
    await timer.advance(30_000)
    stream.ask(list)
    expect(stream.over).toBe(over)
  })
})
