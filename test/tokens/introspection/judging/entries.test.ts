import { describe, expect, it } from '@jest/globals'
import { noteRevoked } from '../../../../lib/core/auth/revoked-auth.js'
import {
  ActiveEntry,
  InactiveEntry,
  type EntryFacts,
} from '../../../../lib/tokens/introspection/judging/entries.js'
import { toAuth } from '../../../../lib/tokens/access/to-auth.js'
import type { VerificationKey } from '../../../../lib/keys/jwk/verification-key.js'
import { claimsWith, NOW, policyOf, taken } from '../../../support/policy.js'

const meaning = taken(
  toAuth(
    { claims: claimsWith({ nbf: NOW }), payload: '{}', signingInput: '' },
    policyOf(),
    'header',
  ),
)
function entryWith(facts: Partial<EntryFacts> = {}, exp = NOW + 300): ActiveEntry {
  const all: EntryFacts = {
    credentialText: 'Bearer a',
    policy: policyOf(),
    key: undefined,
    ofJwt: false,
    staleAt: 1000,
    need: undefined,
    isOfRevoked: false,
    judgeAgain: (entry) => entry,
    ...facts,
  }
  const { times, bytes } = meaning
  // Revocation is noted of the object.
  const auth = Object.freeze({ ...meaning.auth })
  return new ActiveEntry(all, { auth, bytes, times: { ...times, expiresAt: exp } })
}

describe('an answer that was remembered', () => {
  it('knows what it means, by which text it is found, and how to be judged again', () => {
    const entry = entryWith({ judgeAgain: () => ({ auth: meaning.auth }) })
    expect(entry).toMatchObject({ expiresAt: NOW + 300, issuedAt: NOW, notBefore: NOW })
    expect([entry.matches('Bearer a'), entry.matches('Bearer b')]).toEqual([true, false])
    expect(entry.again()).toEqual({ auth: meaning.auth })
    expect(entry.bytes).toBeGreaterThan(meaning.bytes)
  })

  it.each([
    [999, NOW, true],
    [1000, NOW, false],
    [0, NOW + 299.9, true],
    [0, NOW + 300, false],
    [0, NaN, false],
  ])('stands at %p ms and the time %p: %p', (elapsed, now, stands) => {
    expect(entryWith().stands(elapsed, now)).toBe(stands)
  })

  it('is void once the denylist has refused the token, but for one that was asked for since', () => {
    const [before, since] = [entryWith(), entryWith({ isOfRevoked: true })]
    for (const { auth } of [before, since]) noteRevoked(auth)
    expect([before.isRevoked, before.stands(0, NOW)]).toEqual([true, false])
    expect(since.stands(0, NOW)).toBe(true)
  })

  it('is void once the key that signed it is withdrawn', () => {
    const [key, other] = [{}, {}] as VerificationKey[]
    const policy = policyOf()
    const keys = { ...policy.keys, holds: (asked: unknown) => asked === other }
    const entryBy = (by?: VerificationKey): ActiveEntry =>
      entryWith({ policy: { ...policy, keys }, key: by })
    expect([key, other].map((by) => entryBy(by).keyHolds())).toEqual([false, true])
    expect([key, other].map((by) => entryBy(by).stands(0, NOW))).toEqual([false, true])
    expect(entryBy().keyHolds()).toBe(true)
  })
})

it('an answer of "inactive" knows until when, and of which token', () => {
  const entry = new InactiveEntry('Bearer a', 7)
  expect([entry.staleAt, entry.matches('Bearer a'), entry.matches('a')]).toEqual([7, true, false])
})
