import { beforeEach, describe, expect, it } from '@jest/globals'
import { GUARD_TOLERANCE } from '../../../../lib/core/auth/guard-tolerance.js'
import type { RevocationFacts } from '../../../../lib/revocation/facts.js'
import {
  createFactLookup,
  type FactLookup,
} from '../../../../lib/revocation/redis/replica/fact-lookup.js'
import { createTable } from '../../../../lib/revocation/redis/replica/table.js'
import { createKeyNames } from '../../../../lib/revocation/redis/schema/key-names.js'
import type { RevocationValue } from '../../../../lib/revocation/revocations.js'
import type { RevocationQuery } from '../../../../lib/revocation/store.js'
import { createTolerances, type Tolerances } from '../../../../lib/revocation/tolerances.js'
import { token } from '../../../support/redis-store.js'

const keys = createKeyNames('app', false)
const ISSUER = 'https://id.test'
const OTHER = 'https://other.test'
const name = (key: string): string => key.slice(keys.prefix.length)
const entry = (kind: Parameters<typeof keys.entry>[0], id: string, issuer = ISSUER): string =>
  name(keys.entry(kind, issuer, id))
const NONE: RevocationFacts = { token: false, session: false }
const marked = (notBefore: number): RevocationFacts['subject'] => ({
  notBefore,
  sessions: new Map(),
})

let facts: FactLookup
let tolerances: Tolerances

beforeEach(() => {
  tolerances = createTolerances(5)
  facts = createFactLookup(
    keys,
    createTable(1000, () => 0),
    tolerances,
  )
})

const of = (query: RevocationQuery, floor?: number): RevocationFacts =>
  facts.at(facts.placesOf(query), floor)

describe('the facts about a token in memory', () => {
  it.each<[string, string, RevocationValue, RevocationFacts]>([
    ['its id', entry('token', 'token-1'), true, { token: true }],
    ['its session', entry('session', 'session-1'), true, { session: true }],
    ['its user', entry('subject', 'user-1'), 12, { subject: marked(12) }],
    [
      'its user, but for a session',
      entry('subject', 'user-1'),
      { notBefore: 12, sessions: new Map([['s', 3]]) },
      { subject: { notBefore: 12, sessions: new Map([['s', 3]]) } },
    ],
    ['its client', entry('client', 'client-1'), 12, { client: 12 }],
    [
      'its client, by a mark',
      entry('client', 'client-1'),
      { notBefore: 12.5, sessions: new Map([['s', 1]]) },
      { client: 12.5 },
    ],
    ['its version', entry('version', 'user-1'), 3, { version: 3 }],
    ['its issuer', name(keys.all(ISSUER)), 12, { issuer: 12 }],
    ['everyone', name(keys.all(undefined)), 12, { all: 12 }],
    ['another token', entry('token', 'token-2'), true, {}],
    ['another session', entry('session', 'session-2'), true, {}],
    ['another user', entry('subject', 'user-2'), 12, {}],
    ['the token of that name of another issuer', entry('token', 'token-1', OTHER), true, {}],
    ['all of another issuer', name(keys.all(OTHER)), 12, {}],
  ])('say so where %s was revoked', (_name, key, value, expected) => {
    facts.merge(key, value, 100)
    expect(of(token())).toEqual({ ...NONE, ...expected })
    expect(of(token(), 7)).toEqual({ ...NONE, ...expected, floor: 7 })
  })

  it('are none where it lacks what was revoked', () => {
    facts.merge(entry('session', 'session-1'), true, 100)
    facts.merge(entry('subject', 'user-1'), 12, 100)
    facts.merge(entry('version', 'user-1'), 12, 100)
    facts.merge(entry('client', 'client-1'), 12, 100)
    const bare = { sessionId: undefined, subject: undefined, clientId: undefined }
    expect(of(token(bare))).toEqual(NONE)
  })

  it('are none where it lacks what was revoked, where ids are kept out of Redis as well', () => {
    const hashed = createFactLookup(
      createKeyNames('app', true),
      createTable(1000, () => 0),
      tolerances,
    )
    const bare = { sessionId: undefined, subject: undefined, clientId: undefined }
    const places = hashed.placesOf(token(bare))
    expect(hashed.at(places, undefined)).toEqual(NONE)
    expect(places.sessionId).toBeUndefined()
  })

  it('are found by the name that its issuer has for revocations', () => {
    facts.merge(entry('token', 'token-1'), true, 100)
    expect(of(token({ issuer: `${ISSUER}/`, revocationIssuer: ISSUER }))).toMatchObject({
      token: true,
    })
    expect(of(token({ issuer: ISSUER, revocationIssuer: OTHER }))).toMatchObject({ token: false })
    expect(of(token())).toMatchObject({ token: true })
  })

  it('are found by digests of ids that are long or odd', () => {
    const odd = 'an id; odd'
    facts.merge(entry('session', odd), true, 100)
    expect(of(token({ sessionId: odd }))).toMatchObject({ session: true })
    expect(facts.placesOf(token({ sessionId: odd })).sessionId).toBe(keys.id(odd))
  })

  it('come with what they are compared with', () => {
    const places = facts.placesOf(token({ issuedAt: 5, expiresAt: 9, version: 3 }))
    expect(places).toMatchObject({ issuedAt: 5, expiresAt: 9, version: 3, sessionId: 'session-1' })
  })
})

describe('the places of a token', () => {
  it('are kept beside one that cannot change, and made anew for one that can', () => {
    const frozen = Object.freeze(token())
    expect(facts.placesOf(frozen)).toBe(facts.placesOf(frozen))
    facts.merge(entry('token', 'other'), true, 100)
    const open = { ...token() }
    expect(of(open)).toMatchObject({ token: false })
    expect(of(Object.assign(open, { tokenId: 'other' }))).toMatchObject({ token: true })
  })

  it('teach the store what the guard tolerates that verified it', () => {
    const query = { ...token(), [GUARD_TOLERANCE]: 30 }
    facts.placesOf(query)
    expect(tolerances.of(ISSUER)).toBe(30)
  })
})
