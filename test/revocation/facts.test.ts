import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import {
  createMark,
  isRevoked,
  mergeFacts,
  mergeMarks,
  type RevocationFacts,
} from '../../lib/revocation/facts.js'
import type { RevocationQuery } from '../../lib/revocation/store.js'
import { arbitraryMark, SESSIONS } from '../support/arbitrary-mark.js'
import { FUZZ_RUNS } from '../support/runs.js'

const seconds = fc.integer({ min: 0, max: 20 })
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined })

const facts: fc.Arbitrary<RevocationFacts> = fc.record({
  token: optional(fc.boolean()),
  session: optional(fc.boolean()),
  subject: optional(arbitraryMark),
  client: optional(seconds),
  version: optional(seconds),
  issuer: optional(seconds),
  all: optional(seconds),
  floor: optional(seconds),
})

const query: fc.Arbitrary<RevocationQuery> = fc.record({
  issuer: fc.constant('https://id.test'),
  tokenId: fc.constant('token-1'),
  sessionId: optional(fc.constantFrom(...SESSIONS)),
  subject: fc.constant('user-1'),
  clientId: fc.constant('client-1'),
  issuedAt: optional(fc.oneof(seconds, fc.constant(Number.NaN))),
  expiresAt: fc.constant(100),
  version: optional(seconds),
})

const issued = (issuedAt: number | undefined): RevocationQuery => ({
  issuer: 'https://id.test',
  tokenId: 'token-1',
  sessionId: undefined,
  subject: undefined,
  clientId: undefined,
  issuedAt,
  expiresAt: 100,
  version: undefined,
})

describe('isRevoked', () => {
  it('is monotone: knowing more never un-revokes', () => {
    fc.assert(
      fc.property(query, facts, facts, (token, known, more) => {
        if (!isRevoked(token, known).revoked && !isRevoked(token, more).revoked) return
        expect(isRevoked(token, mergeFacts(known, more)).revoked).toBe(true)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('needs no more than both: what neither fact revokes, both together do not', () => {
    fc.assert(
      fc.property(query, facts, facts, (token, known, more) => {
        if (isRevoked(token, known).revoked || isRevoked(token, more).revoked) return
        expect(isRevoked(token, mergeFacts(known, more)).revoked).toBe(false)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it.each(['client', 'issuer', 'all', 'floor'] as const)(
    'revokes by %s up to and including that second',
    (by) => {
      expect(isRevoked(issued(10), { [by]: 10 })).toEqual({ revoked: true, by })
      expect(isRevoked(issued(11), { [by]: 10 })).toEqual({ revoked: false })
      expect(isRevoked(issued(undefined), { [by]: 10 })).toEqual({ revoked: true, by })
      expect(isRevoked(issued(Number.NaN), { [by]: 10 })).toEqual({ revoked: true, by })
    },
  )
})

describe('mergeMarks', () => {
  it('is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(arbitraryMark, arbitraryMark, arbitraryMark, (a, b, c) => {
        expect(mergeMarks(a, b)).toEqual(mergeMarks(b, a))
        expect(mergeMarks(mergeMarks(a, b), c)).toEqual(mergeMarks(a, mergeMarks(b, c)))
        expect(mergeMarks(a, a)).toEqual(a)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('does not grow with each logout of the other sessions', () => {
    let mark = createMark(0)
    for (let second = 1; second <= 100; second += 1) {
      mark = mergeMarks(mark, createMark(second, [`session-${second}`]))
    }
    expect(mark.sessions.size).toBe(1)
  })
})
