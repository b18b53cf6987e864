import { beforeEach, describe, expect, it } from '@jest/globals'
import {
  createSessionCopies,
  type SessionCopies,
} from '../../../../lib/session/handler/sessions/session-copies.js'
import type { Session } from '../../../../lib/session/handler/sessions/session.js'

const HOUR_MS = 3_600_000
const START = 1_800_000_000

let now = START
let copies: SessionCopies

function session(key: string, expiresAt = START + 3600): Session {
  return { key, expiresAt } as Session
}

beforeEach(() => {
  now = START
  copies = createSessionCopies(() => now, HOUR_MS)
})

describe('copies of sessions', () => {
  it.each([
    ['at once', 0, true],
    ['before ten seconds are over', 9.999, true],
    ['after ten seconds', 10, false],
    ['where the clock was set back', -1, false],
  ])('are taken %s: %d s, %s', (_when, laterSeconds, taken) => {
    copies.keep(session('a'), 1000)
    now += laterSeconds
    expect(copies.find('a') !== undefined).toBe(taken)
  })

  it('are good for a tenth of a short idle life, so that use still puts its end off', () => {
    copies = createSessionCopies(() => now, 60_000)
    copies.keep(session('a'), 1000)
    now += 5.9
    expect(copies.find('a')).toBeDefined()
    now += 0.1
    expect(copies.find('a')).toBeUndefined()
  })

  it('end with their session', () => {
    copies.keep(session('a', START + 3), 1000)
    now += 3
    expect(copies.find('a')).toBeUndefined()
  })

  it('are forgotten when they are told to be', () => {
    copies.keep(session('a'), 1000)
    copies.forget('a')
    expect(copies.find('a')).toBeUndefined()
  })

  it('are 10,000 at most, the oldest first', () => {
    for (let count = 0; count <= 10_000; count += 1) copies.keep(session(`${count}`), 10)
    expect([copies.find('0'), copies.find('1')?.key]).toEqual([undefined, '1'])
  })

  it('hold 16 MiB of text at most, however often one is kept again', () => {
    const chars = 4 * 1024 * 1024
    for (let times = 0; times < 10; times += 1) copies.keep(session('again'), chars)
    for (const key of ['a', 'b', 'c']) copies.keep(session(key), chars)
    expect(copies.find('again')).toBeDefined()
    copies.keep(session('d'), chars)
    expect([copies.find('again'), copies.find('a')?.key]).toEqual([undefined, 'a'])
  })
})
