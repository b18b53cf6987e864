import { describe, expect, it } from '@jest/globals'
import { GUARD_TOLERANCE } from '../../lib/core/auth/guard-tolerance.js'
import { optionCheck } from '../../lib/core/options/option-check.js'
import {
  compileLifetimes,
  LIFETIME_OPTION_NAMES,
  REFUSED_BY_LIFETIME,
  type LifetimeOptions,
  type Lifetimes,
} from '../../lib/revocation/lifetimes.js'

const NOW = 1_000_000
const TOKEN = 1000
const SESSION = 10_000
/** The largest clock tolerance of any guard, and a second. */
const LEEWAY = 61

const compile = (options: LifetimeOptions = {}): Lifetimes =>
  compileLifetimes(optionCheck('store'), options)

const lifetimes = compile({
  maxTokenLifetimeSeconds: TOKEN,
  sessionLifetimeSeconds: SESSION,
  clockToleranceSeconds: 5,
})

describe('how long a revocation is remembered', () => {
  it.each<[string, number, number]>([
    [
      'a token: until its exp for the most tolerant guard, and a second',
      lifetimes.tokenUntil(NOW + 100, NOW),
      NOW + 100 + LEEWAY,
    ],
    [
      'a token without end: no longer than a session',
      lifetimes.tokenUntil(Number.POSITIVE_INFINITY, NOW),
      NOW + SESSION + TOKEN + 2 * LEEWAY,
    ],
    [
      'a session: until the last token of its last moment ends',
      lifetimes.sessionUntil(NOW),
      NOW + SESSION + TOKEN + LEEWAY,
    ],
    [
      'a mark: until the last token that it covers ends',
      lifetimes.markUntil(NOW + 50, NOW),
      NOW + 50 + TOKEN + LEEWAY,
    ],
    [
      'a mark over the past: from now on, since tokens may have no iat',
      lifetimes.markUntil(NOW - 50, NOW),
      NOW + TOKEN + LEEWAY,
    ],
    ['a hundredth longer than it is needed', lifetimes.keptUntil(NOW + 200, NOW), NOW + 202],
    ['and no less, where it is needed no more', lifetimes.keptUntil(NOW - 200, NOW), NOW - 200],
    [
      'never longer than the log',
      lifetimes.retentionSeconds,
      (SESSION + TOKEN + 3 * LEEWAY) * 1.01,
    ],
  ])('%s', (_name, found, expected) => {
    expect(found).toBeCloseTo(expected, 6)
  })

  it('outlasts in the log whatever is kept', () => {
    const longest = lifetimes.tokenUntil(Number.POSITIVE_INFINITY, NOW)
    expect(lifetimes.keptUntil(longest, NOW) - NOW).toBeLessThanOrEqual(lifetimes.retentionSeconds)
  })
})

describe('the second up to which a mark revokes', () => {
  it.each<[string, number, number | undefined, number]>([
    ['reaches as far ahead as a clock may be', NOW, undefined, NOW + 5],
    ['is whole, and rounded up', NOW + 0.25, undefined, NOW + 6],
    ['is the one that was named', NOW, NOW - 10.5, NOW - 10.5],
    ['is never below zero', NOW, -1, 0],
    ['is as far ahead as a session may last', NOW, NOW + SESSION + LEEWAY, NOW + SESSION + LEEWAY],
  ])('%s', (_name, now, issuedBefore, expected) => {
    expect(lifetimes.notBefore('https://id.test', now, issuedBefore)).toBe(expected)
  })

  it('follows a guard that tolerates more, for its issuer', () => {
    const own = compile({ clockToleranceSeconds: 5 })
    const query = { issuer: 'https://late.test', expiresAt: NOW } as Parameters<
      typeof own.tolerances.learn
    >[0]
    own.tolerances.learn(Object.assign(query, { [GUARD_TOLERANCE]: 30 }))
    expect(own.notBefore('https://late.test', NOW)).toBe(NOW + 30)
    expect(own.notBefore('https://other.test', NOW)).toBe(NOW + 5)
    expect(own.notBefore(undefined, NOW)).toBe(NOW + 30)
  })

  it.each([
    ['is no time', Number.NaN],
    ['is never', Number.POSITIVE_INFINITY],
    ['is always', Number.NEGATIVE_INFINITY],
    ['lies further ahead than it could be remembered', NOW + SESSION + LEEWAY + 1],
  ])('is refused where it %s', (_name, issuedBefore) => {
    expect(() => lifetimes.notBefore('https://id.test', NOW, issuedBefore)).toThrow(
      `"issuedBefore" of a revocation must be a time in seconds, no further ahead than "sessionLifetimeSeconds", got ${issuedBefore}`,
    )
  })
})

describe('a token that lives longer than marks are remembered', () => {
  it.each<[string, number | undefined, number, boolean]>([
    ['lives exactly as long', NOW - 10, NOW - 10 + TOKEN, false],
    ['lives a second longer', NOW - 10, NOW - 9 + TOKEN, true],
    ['without iat, has exactly as long to live', undefined, NOW + TOKEN, false],
    ['without iat, has a second more to live', undefined, NOW + TOKEN + 1, true],
  ])('%s', (_name, issuedAt, expiresAt, exceeds) => {
    const token = { issuedAt, expiresAt, sessionId: undefined, version: undefined }
    expect(lifetimes.exceeds(token, NOW)).toBe(exceeds)
  })

  it('is revoked by its lifetime, in words that nobody can change', () => {
    expect(REFUSED_BY_LIFETIME).toEqual({ revoked: true, by: 'lifetime' })
    expect(Object.isFrozen(REFUSED_BY_LIFETIME)).toBe(true)
  })
})

describe('the options', () => {
  it('have a month, a month and five seconds as defaults', () => {
    const given = compile()
    expect(given.maxTokenSeconds).toBe(2_592_000)
    expect(given.sessionUntil(0)).toBe(2 * 2_592_000 + LEEWAY)
    expect(given.tolerances.of(undefined)).toBe(5)
  })

  it.each<[keyof LifetimeOptions, number]>([
    ['maxTokenLifetimeSeconds', 31_536_000],
    ['sessionLifetimeSeconds', 315_360_000],
    ['clockToleranceSeconds', 60],
  ])('take %s from 0 to %d, and nothing beyond', (name, max) => {
    expect(LIFETIME_OPTION_NAMES).toContain(name)
    expect(() => compile({ [name]: 0 })).not.toThrow()
    expect(() => compile({ [name]: max })).not.toThrow()
    for (const bad of [-1, max + 1, Number.NaN, '5']) {
      expect(() => compile({ [name]: bad })).toThrow(`store: "${name}" must be a number from 0 to`)
    }
  })
})
