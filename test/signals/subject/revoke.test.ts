import { describe, expect, it } from '@jest/globals'
import { digest } from '../../../lib/core/events/events.js'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import type { RevocationStore } from '../../../lib/revocation/store.js'
import {
  digestsOf,
  requireFamilies,
  revokeTargets,
  type SubjectFamilies,
} from '../../../lib/signals/subject/revoke.js'
import type { Target } from '../../../lib/signals/subject/target.js'

const ISSUER = 'https://id.test'
const USER: Target = { kind: 'user', issuer: ISSUER, subject: 'ada' }
const SESSION: Target = { kind: 'session', issuer: ISSUER, sessionId: 's', subject: 'ada' }
const TOKEN: Target = { kind: 'token', issuer: ISSUER, tokenId: 'j' }

/** Tells what was asked of it, in order. */
function recording(fails?: string): {
  readonly asked: unknown[]
  readonly store: RevocationStore
  readonly families: (issuer?: string) => SubjectFamilies
} {
  const asked: unknown[] = []
  const note =
    (name: string) =>
    async (...args: readonly unknown[]): Promise<void> => {
      if (name === fails) throw new Error('down')
      asked.push([name, ...args])
    }
  const names = ['revokeToken', 'revokeSession', 'revokeSubject']
  const store = Object.fromEntries(names.map((name) => [name, note(name)]))
  return {
    asked,
    store: store as unknown as RevocationStore,
    families: (issuer) => ({
      ...(issuer === undefined ? {} : { issuer }),
      revokeSubject: note('families'),
    }),
  }
}

describe('revokeTargets', () => {
  it.each<[string, Target, number | undefined, readonly unknown[]]>([
    ['a user so far', USER, undefined, ['revokeSubject', { issuer: ISSUER, subject: 'ada' }, {}]],
    [
      'a user up to an event',
      USER,
      100,
      ['revokeSubject', { issuer: ISSUER, subject: 'ada' }, { issuedBefore: 100 }],
    ],
    [
      'a session up to an event',
      SESSION,
      100,
      ['revokeSession', { issuer: ISSUER, sessionId: 's', subject: 'ada' }, { issuedBefore: 100 }],
    ],
    [
      'a token for as long as any may live',
      TOKEN,
      100,
      ['revokeToken', { issuer: ISSUER, tokenId: 'j', expiresAt: Number.MAX_SAFE_INTEGER }],
    ],
  ])('revokes %s', async (_what, target, until, expected) => {
    const { asked, store } = recording()
    expect(await revokeTargets({ store, families: undefined }, [target], until)).toBeUndefined()
    expect(asked).toEqual([expected])
  })

  it.each<[string, string | undefined, number | undefined, unknown]>([
    ['of that issuer', ISSUER, 100, { startedBefore: 100 }],
    ['of that issuer, whole', ISSUER, undefined, {}],
    ['of no issuer that they name', undefined, 100, { startedBefore: 100 }],
  ])('ends families %s, before the user is revoked', async (_what, issuer, until, logins) => {
    const { asked, store, families } = recording()
    await revokeTargets({ store, families: families(issuer) }, [USER], until)
    expect(asked[0]).toEqual(['families', { subject: 'ada' }, logins])
    expect(asked).toHaveLength(2)
  })

  it('ends no families of another issuer, and none for a session or a token', async () => {
    const { asked, store, families } = recording()
    await revokeTargets({ store, families: families('https://else.test') }, [USER], 100)
    await revokeTargets({ store, families: families(ISSUER) }, [SESSION, TOKEN], 100)
    expect(asked.filter((call) => (call as readonly unknown[])[0] === 'families')).toEqual([])
  })

  it.each([
    [ISSUER, {}],
    ['https://else.test', { issuedBefore: 100 }],
    [undefined, { issuedBefore: 100 }],
  ])('ends a session of families of %p by %j', async (issuer, options) => {
    const { asked, store, families } = recording()
    await revokeTargets({ store, families: families(issuer) }, [SESSION], 100)
    expect(asked).toEqual([['revokeSession', expect.anything(), options]])
  })

  it.each(['families', 'revokeSubject'])('is an outage where %s fails', async (fails) => {
    const { store, families } = recording(fails)
    const refusal = await revokeTargets({ store, families: families() }, [USER], 100)
    expect(refusal).toMatchObject({ reason: 'revocation_not_stored', family: 'dependency' })
  })
})

describe('requireFamilies', () => {
  const check = optionCheck('sharedSignals')
  const sender = new Map([[ISSUER, ISSUER]])
  const { families } = recording()

  it.each<[string, object, ReadonlyMap<string, string> | undefined]>([
    ['none', {}, sender],
    ['those of the sender', { families: families(ISSUER) }, sender],
    ['those that name no issuer', { families: families() }, sender],
    ['those of an issuer that is named', { families: families('x'), subjectIssuers: 'x' }, sender],
    [
      'those that the app finds',
      { families: families('x'), resolveSubject: () => undefined },
      sender,
    ],
    ['those of whoever will call', { families: families('x') }, undefined],
  ])('takes %s', (_what, options, names) => {
    expect(() => requireFamilies(check, options, names)).not.toThrow()
  })

  it.each<[string, object, ReadonlyMap<string, string> | undefined]>([
    ['what are none', { families: {} }, sender],
    ['those of another issuer', { families: families('x') }, sender],
    [
      'those of an issuer that is not named',
      { families: families('x'), subjectIssuers: 'y' },
      undefined,
    ],
  ])('refuses %s', (_what, options, names) => {
    expect(() => requireFamilies(check, options, names)).toThrow(/"families" must be/)
  })
})

const digested = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : digest(text)

it.each<[string, readonly Target[], string | undefined, string | undefined]>([
  ['nobody', [], undefined, undefined],
  ['a user', [USER], 'ada', undefined],
  ['a session', [SESSION], 'ada', 's'],
  ['a token', [TOKEN], undefined, undefined],
  ['a session before the user', [{ ...SESSION, subject: undefined }, USER], 'ada', 's'],
])('events tell %s by digests', (_what, targets, subject, sessionId) => {
  expect(digestsOf(targets)).toEqual({
    subjectDigest: digested(subject),
    sessionIdDigest: digested(sessionId),
  })
})
