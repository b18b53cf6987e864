import { describe, expect, it } from '@jest/globals'
import {
  createMark,
  isRevoked,
  latest,
  mergeFacts,
  type RevocationFacts,
} from '../../lib/revocation/facts.js'

const NEVER = Number.NEGATIVE_INFINITY
const token = { sessionId: undefined, issuedAt: 10, expiresAt: 100, version: undefined }

describe('the facts of two stores in one', () => {
  it.each<[string, RevocationFacts, RevocationFacts, RevocationFacts]>([
    ['revoke a token that either revokes', { token: true }, { token: false }, { token: true }],
    ['revoke a session that either revokes', { session: true }, {}, { session: true }],
    ['revoke neither where none does', { token: false }, {}, {}],
    ['have the mark that one has', { subject: createMark(5) }, {}, { subject: createMark(5) }],
    [
      'have both marks merged',
      { subject: createMark(5, ['a']) },
      { subject: createMark(9) },
      { subject: { notBefore: 9, sessions: new Map() } },
    ],
    [
      'have the later second',
      { client: 5, issuer: 9 },
      { client: 9, issuer: 5 },
      { client: 9, issuer: 9 },
    ],
    [
      'have the second that one has',
      { all: 5 },
      { floor: 6, version: 7 },
      { all: 5, floor: 6, version: 7 },
    ],
  ])('%s', (_name, a, b, expected) => {
    const whole = { token: false, session: false, ...expected }
    expect(mergeFacts(a, b)).toEqual(whole)
    expect(mergeFacts(b, a)).toEqual(whole)
  })

  it.each<[number | undefined, number | undefined, number | undefined]>([
    [undefined, undefined, undefined],
    [5, undefined, 5],
    [undefined, 5, 5],
    [5, 9, 9],
    [0, undefined, 0],
    [undefined, 0, 0],
  ])('of the seconds %p and %p is the latest %p', (a, b, expected) => {
    expect(latest(a, b)).toBe(expected)
  })
})

describe('a mark over a user', () => {
  const subject = {
    notBefore: 20,
    sessions: new Map([
      ['spared', NEVER],
      ['earlier', 5],
    ]),
  }

  it.each<[string | undefined, number | undefined, boolean]>([
    [undefined, 10, true],
    [undefined, undefined, true],
    ['other', 10, true],
    ['spared', 10, false],
    ['spared', undefined, false],
    ['earlier', 10, false],
    ['earlier', 5, true],
    ['earlier', undefined, true],
  ])(
    'judges the session %p of a token issued at %p: revoked %p',
    (sessionId, issuedAt, revoked) => {
      const verdict = isRevoked({ ...token, sessionId, issuedAt }, { subject })
      expect(verdict.revoked).toBe(revoked)
    },
  )

  it('spares no token without a session, whatever sessions it names', () => {
    const odd = { notBefore: 20, sessions: new Map([[undefined as never, NEVER]]) }
    expect(isRevoked(token, { subject: odd }).revoked).toBe(true)
  })
})

describe('the least version', () => {
  it.each<[number | undefined, boolean]>([
    [undefined, true],
    [2, true],
    [3, false],
    [4, false],
    [Number.NaN, true],
  ])('of 3 revokes a token of version %p: %p', (version, revoked) => {
    expect(isRevoked({ ...token, version }, { version: 3 }).revoked).toBe(revoked)
  })

  it('of 0 revokes a token that has none', () => {
    expect(isRevoked(token, { version: 0 })).toEqual({ revoked: true, by: 'version' })
  })
})
