import { beforeEach, describe, expect, it } from '@jest/globals'
import { AuthError, invalidToken } from '../../../lib/core/verdicts/errors.js'
import { Inquiry, PATIENCE_MS } from '../../../lib/guards/streams/inquiry.js'
import { manualTimer, settle, type ManualTimer } from '../../support/manual-timer.js'

const REVOKED = invalidToken('revoked', 'x')
const OUTAGE = new AuthError('temporarily_unavailable', {
  reason: 'revocation_unavailable',
  detail: 'away',
  retryAfterSeconds: 1,
})

let timer: ManualTimer
let answer: () => unknown
let asked: number
let bypassed: AuthError[]
let bypasses: boolean
let refusals: AuthError[]
let inquiry: Inquiry
/** Gives the answer that is waited for. */
let resolve: (value: unknown) => void

beforeEach(() => {
  timer = manualTimer()
  asked = 0
  bypassed = []
  bypasses = false
  refusals = []
  inquiry = new Inquiry(
    {
      ask() {
        asked += 1
        return answer()
      },
      bypass: (outage) => bypassed.push(outage) > 0 && bypasses,
    },
    timer,
    (error) => refusals.push(error),
  )
})

async function askFor(milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 5000) {
    await timer.advance(5000)
    inquiry.ask()
    await settle()
  }
}

describe('a question about an open stream', () => {
  it('is answered at once where that is known', () => {
    answer = () => undefined
    expect(inquiry.ask()).toBe(true)
    expect(refusals).toEqual([])
  })

  it('refuses it by what the answer says, at once or later', async () => {
    answer = () => REVOKED
    expect(inquiry.ask()).toBe(true)
    expect(refusals).toEqual([REVOKED])
    answer = async () => REVOKED
    expect(inquiry.ask()).toBe(false)
    await settle()
    expect(refusals).toEqual([REVOKED, REVOKED])
  })

  it('is asked once at a time', async () => {
    answer = () => new Promise((done) => (resolve = done))
    expect([inquiry.ask(), inquiry.ask()]).toEqual([false, false])
    expect(asked).toBe(1)
    resolve(undefined)
    await settle()
    answer = () => undefined
    expect(inquiry.ask()).toBe(true)
    expect(asked).toBe(2)
  })

  it.each<[string, () => unknown, string]>([
    ['says so', () => OUTAGE, 'away'],
    ['says so later', async () => OUTAGE, 'away'],
    [
      'throws',
      () => {
        throw new Error('a fault')
      },
      'a fault',
    ],
    ['rejects', async () => Promise.reject(new Error('a fault')), 'a fault'],
    ['never answers', () => new Promise(() => undefined), 'No answer came'],
  ])('waits for half a minute where nobody can tell: %s', async (_name, unknown, detail) => {
    answer = unknown
    await askFor(PATIENCE_MS - 5000)
    expect(refusals).toEqual([])
    await askFor(5000)
    expect(refusals).toEqual([
      expect.objectContaining({
        code: 'temporarily_unavailable',
        reason: 'revocation_unavailable',
        detail,
      }),
    ])
    expect(bypassed).toEqual(refusals)
  })

  it('counts the half minute from the last time that somebody could tell', async () => {
    answer = () => OUTAGE
    await askFor(PATIENCE_MS - 5000)
    answer = () => undefined
    await askFor(5000)
    answer = () => OUTAGE
    await askFor(PATIENCE_MS - 5000)
    expect(refusals).toEqual([])
    await askFor(5000)
    expect(refusals).toHaveLength(1)
  })

  it('counts an answer from the time of its question', async () => {
    answer = () => new Promise((done) => (resolve = done))
    inquiry.ask()
    await timer.advance(20_000)
    resolve(undefined)
    await settle()
    answer = () => OUTAGE
    await timer.advance(PATIENCE_MS - 20_000)
    inquiry.ask()
    expect(refusals).toHaveLength(1)
  })

  it('lets the stream go on for another half minute where the app says so', async () => {
    answer = () => OUTAGE
    bypasses = true
    await askFor(PATIENCE_MS)
    expect([refusals.length, bypassed.length]).toEqual([0, 1])
    await askFor(PATIENCE_MS - 5000)
    expect(bypassed).toHaveLength(1)
    bypasses = false
    await askFor(5000)
    expect([refusals.length, bypassed.length]).toEqual([1, 2])
  })
})
