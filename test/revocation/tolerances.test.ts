import { describe, expect, it } from '@jest/globals'
import { GUARD_TOLERANCE } from '../../lib/core/auth/guard-tolerance.js'
import type { RevocationQuery } from '../../lib/revocation/store.js'
import { createTolerances, type Tolerances } from '../../lib/revocation/tolerances.js'

const A = 'https://a.test'
const B = 'https://b.test'

function learn(
  tolerances: Tolerances,
  seconds: number | undefined,
  issuer = A,
  first?: string,
): void {
  const query = { issuer, revocationIssuer: first, expiresAt: 0 } as unknown as RevocationQuery
  tolerances.learn(Object.assign(query, { [GUARD_TOLERANCE]: seconds }))
}

describe('how far the clock of an issuer may be ahead', () => {
  it.each<[string, (number | undefined)[], number]>([
    ['is what the store tolerates where nothing is known', [], 5],
    ['is what the store tolerates where no guard verified the token', [undefined], 5],
    ['is what the store tolerates where a guard tolerates less', [3], 5],
    ['is what the guard tolerates where that is more', [30], 30],
    ['is the most of several guards', [30, 10, 20], 30],
    ['grows with each guard that tolerates more', [10, 20, 30], 30],
    ['is a minute at most', [3600], 60],
    ['stays as it was where a guard has no number', [Number.NaN], 5],
  ])('%s', (_name, guards, expected) => {
    const tolerances = createTolerances(5)
    for (const seconds of guards) learn(tolerances, seconds)
    expect(tolerances.of(A)).toBe(expected)
    expect(tolerances.of(undefined)).toBe(expected)
    expect(tolerances.of(B)).toBe(5)
  })

  it('goes by the name that the issuer has for revocations', () => {
    const tolerances = createTolerances(5)
    learn(tolerances, 30, `${A}/`, A)
    expect(tolerances.of(A)).toBe(30)
    expect(tolerances.of(`${A}/`)).toBe(5)
  })

  it('is the largest of all for all issuers together', () => {
    const tolerances = createTolerances(5)
    learn(tolerances, 30, A)
    learn(tolerances, 10, B)
    expect(tolerances.of(undefined)).toBe(30)
  })

  it('remembers a thousand issuers, and takes the rest for as late as the latest of them', () => {
    const tolerances = createTolerances(5)
    for (let n = 0; n < 1000; n += 1) learn(tolerances, 10, `https://${n}.test`)
    expect(tolerances.of('https://999.test')).toBe(10)
    expect(tolerances.of('https://unknown.test')).toBe(5)
    learn(tolerances, 20, 'https://one-more.test')
    expect(tolerances.of('https://one-more.test')).toBe(20)
    expect(tolerances.of('https://unknown.test')).toBe(20)
    expect(tolerances.of('https://0.test')).toBe(20)
    learn(tolerances, 15, 'https://another.test')
    expect(tolerances.of('https://unknown.test')).toBe(20)
    // Known ones may still grow.
    learn(tolerances, 40, 'https://0.test')
    expect(tolerances.of('https://0.test')).toBe(40)
    expect(tolerances.of('https://unknown.test')).toBe(20)
  })
})
