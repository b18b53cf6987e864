import { describe, expect, it } from '@jest/globals'
import { judgeRotation, startedUntil, type StoredFamily } from '../../lib/session/family.js'

const FAMILY: StoredFamily = {
  subject: 'user',
  clientId: 'app',
  sessionId: 'sid',
  count: 5,
  startedAtMs: 0,
  rotatedAtMs: 1000,
  expiresAtMs: 9000,
  state: 'live',
}
const RULES = { idleMs: 5000, graceMs: 100 }

describe('judgeRotation', () => {
  it.each([
    ['the good token', {}, 5, 1000, 'rotated'],
    ['the good token, just before it is idle for too long', {}, 5, 5999, 'rotated'],
    ['the good token, idle for too long', {}, 5, 6000, 'expired'],
    ['the good token, just before the end', { rotatedAtMs: 8000 }, 5, 8999, 'rotated'],
    ['the good token at the end', { rotatedAtMs: 8000 }, 5, 9000, 'expired'],
    ['its predecessor within the grace', {}, 4, 1099, 'again'],
    ['its predecessor after the grace', {}, 4, 1100, 'reused'],
    ['its predecessor, where the clock went back a little', {}, 4, 901, 'again'],
    ['its predecessor, where the clock went back', {}, 4, 900, 'reused'],
    ['an older one within the grace', {}, 3, 1000, 'reused'],
    ['one that the store has forgotten', {}, 6, 1000, 'ahead'],
    ['any of a family that was logged out', { state: 'ended' }, 5, 1000, 'ended'],
    ['any of a family that was reused', { state: 'reused' }, 4, 1000, 'reused'],
    ['any of a family that was reused, when it is over', { state: 'reused' }, 5, 9000, 'reused'],
  ] as const)('%s: %j, %d at %d: %s', (_which, change, count, nowMs, rotation) => {
    const family = { ...FAMILY, ...change }
    expect(judgeRotation(family, { count, clientId: 'app' }, RULES, nowMs)).toBe(rotation)
  })

  it.each([5, 4, 1, 9])('refuses another client, and judges its token %d no further', (count) => {
    expect(judgeRotation(FAMILY, { count, clientId: 'other' }, RULES, 1000)).toBe('wrong_client')
  })

  it('gives no grace at all where that is 0', () => {
    const strict = { ...RULES, graceMs: 0 }
    expect(judgeRotation(FAMILY, { count: 4, clientId: 'app' }, strict, 1000)).toBe('reused')
  })
})

describe('startedUntil', () => {
  const families = [999, 1999, 2000].map((startedAtMs) => ({ ...FAMILY, startedAtMs }))

  it.each([
    [-1, 0],
    [0, 1],
    [0.9, 1],
    [1, 2],
    [2, 3],
  ])(
    'of a login at second 0, 1 and 2 and the time %d has %d: iat is a whole second',
    (time, count) => {
      expect(startedUntil(families, time)).toEqual(families.slice(0, count))
    },
  )

  it.each([NaN, Infinity])('takes no %d for a time', (time) => {
    expect(() => startedUntil(families, time)).toThrow('"startedBefore" must be a time in seconds')
  })
})
