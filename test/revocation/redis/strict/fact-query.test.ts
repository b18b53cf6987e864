import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { GUARD_TOLERANCE } from '../../../../lib/core/auth/guard-tolerance.js'
import { compileLifetimes } from '../../../../lib/revocation/lifetimes.js'
import { createKeyNames } from '../../../../lib/revocation/redis/schema/key-names.js'
import { FactQuery } from '../../../../lib/revocation/redis/strict/fact-query.js'
import { createTolerances } from '../../../../lib/revocation/tolerances.js'
import type { RevocationQuery } from '../../../../lib/revocation/store.js'
import { token } from '../../../support/redis-store.js'

const keys = createKeyNames('app', false)
const ISSUER = 'https://id.test'
const entry = (kind: Parameters<typeof keys.entry>[0], id: string, issuer = ISSUER): string =>
  keys.entry(kind, issuer, id)
const create = (): FactQuery => new FactQuery(keys, createTolerances(5))
const BARE = { sessionId: undefined, subject: undefined, clientId: undefined }

describe('the keys that a check asks for', () => {
  it.each<[string, Partial<RevocationQuery>, string[], string[]]>([
    [
      'of a token with everything',
      {},
      [
        entry('token', 'token-1'),
        entry('session', 'session-1'),
        entry('subject', 'user-1'),
        entry('version', 'user-1'),
      ],
      [entry('client', 'client-1'), keys.all(ISSUER), keys.all(undefined)],
    ],
    [
      'of one with its id alone',
      BARE,
      [entry('token', 'token-1')],
      [keys.all(ISSUER), keys.all(undefined)],
    ],
    [
      'go by the name that the issuer has for revocations',
      { ...BARE, clientId: 'client-1', revocationIssuer: 'https://first.test' },
      [entry('token', 'token-1', 'https://first.test')],
      [
        entry('client', 'client-1', 'https://first.test'),
        keys.all('https://first.test'),
        keys.all(undefined),
      ],
    ],
  ])('%s', (_name, changes, own, shared) => {
    const asked = create().keysOf(token(changes))
    expect(asked.own).toEqual(own)
    expect(asked.shared).toEqual(shared)
  })

  it('come with no session where the token has none, where ids are kept out of Redis as well', () => {
    const hashed = new FactQuery(createKeyNames('app', true), createTolerances(5))
    expect(hashed.keysOf(token(BARE)).sessionId).toBeUndefined()
  })

  it('come with what they are compared with, the session as marks hold it', () => {
    const sessionId = 'a session; odd'
    const asked = create().keysOf(token({ sessionId, issuedAt: 5, expiresAt: 9, version: 3 }))
    expect(asked).toMatchObject({
      sessionId: keys.id(sessionId),
      issuedAt: 5,
      expiresAt: 9,
      version: 3,
    })
    expect(create().keysOf(token(BARE)).sessionId).toBeUndefined()
  })

  it('are kept beside a token that cannot change, and made anew for one that can', () => {
    const facts = create()
    const frozen = Object.freeze(token())
    expect(facts.keysOf(frozen)).toBe(facts.keysOf(frozen))
    const open = { ...token() }
    const first = facts.keysOf(open)
    expect(facts.keysOf(Object.assign(open, { tokenId: 'other' })).own).not.toEqual(first.own)
  })

  it('that tokens have in common are the same list, so that one read finds them at a glance', () => {
    const facts = create()
    const listOf = (changes: Partial<RevocationQuery>): readonly string[] =>
      facts.keysOf(token(changes)).shared
    expect(listOf({ tokenId: 'a' })).toBe(listOf({ tokenId: 'b' }))
    expect(listOf({ clientId: 'other' })).not.toBe(listOf({}))
    expect(listOf({ clientId: undefined })).toBe(listOf({ clientId: undefined, tokenId: 'c' }))
  })

  it('of more than a thousand clients are listed anew, and come out the same', () => {
    const facts = create()
    const listOf = (clientId: string): readonly string[] => facts.keysOf(token({ clientId })).shared
    const first = listOf('first')
    for (let n = 0; n < 999; n += 1) listOf(`client-${n}`)
    expect(listOf('first')).toBe(first)
    listOf('one more')
    expect(listOf('first')).not.toBe(first)
    expect(listOf('first')).toEqual(first)
  })

  it('teach the store what the guard tolerates that verified the token', () => {
    const { tolerances } = compileLifetimes(optionCheck('store'), {})
    const query = { ...token(), [GUARD_TOLERANCE]: 30 }
    new FactQuery(keys, tolerances).keysOf(query)
    expect(tolerances.of(ISSUER)).toBe(30)
  })
})
