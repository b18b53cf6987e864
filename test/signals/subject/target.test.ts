import { describe, expect, it } from '@jest/globals'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import { knownUser, sessionOf, targetsOf, told } from '../../../lib/signals/subject/target.js'

const FIRST = 'https://id.test'
const names = new Map([
  [FIRST, FIRST],
  ['https://id.test/', FIRST],
])
const user = (subject: string, issuer = FIRST): object => ({ kind: 'user', issuer, subject })
const session = (sessionId: string, subject?: string, issuer = FIRST): object => ({
  kind: 'session',
  issuer,
  sessionId,
  subject,
})

describe('identifiers', () => {
  it.each([
    [{ format: 'iss_sub', iss: FIRST, sub: 'ada' } as const, user('ada')],
    [{ format: 'iss_sub', iss: 'https://id.test/', sub: 'ada' } as const, user('ada')],
    [
      { format: 'iss_sub', iss: 'https://else.test', sub: 'ada' } as const,
      user('ada', 'https://else.test'),
    ],
    [{ format: 'opaque', id: 'ada' } as const, user('ada')],
    [{ format: 'email', email: 'ada' } as const, undefined],
  ])('name a user: %j', (identifier, expected) => {
    expect(knownUser(identifier, names, FIRST)).toEqual(expected)
  })

  it('name a session where that may be', () => {
    expect(sessionOf({ format: 'opaque', id: 's' }, names, FIRST)).toEqual([session('s')])
    expect(sessionOf({ format: 'email', email: 's' }, names, FIRST)).toEqual([])
  })

  it('are told to the app as a user', () => {
    const known = knownUser({ format: 'opaque', id: 'ada' }, names, FIRST)
    expect(told(known)).toEqual({ issuer: FIRST, subject: 'ada' })
    expect(told(undefined)).toBeUndefined()
  })
})

describe('an answer of the app', () => {
  it.each<[string, unknown, readonly object[]]>([
    ['a user', { subject: 'a' }, [user('a')]],
    ['a user of a spelling', { subject: 'a', issuer: 'https://id.test/' }, [user('a')]],
    ['a user of another issuer', { subject: 'a', issuer: 'x' }, [user('a', 'x')]],
    ['a session', { sessionId: 's' }, [session('s')]],
    ['a session of a user', { sessionId: 's', subject: 'a' }, [session('s', 'a')]],
    [
      'a session of another issuer',
      { sessionId: 's', issuer: 'x' },
      [session('s', undefined, 'x')],
    ],
    ['several', [{ subject: 'a' }, { sessionId: 's' }], [user('a'), session('s')]],
    ['nobody', [], []],
  ])('names %s', (_what, answer, targets) => {
    expect(targetsOf(answer, names, FIRST)).toEqual(targets)
  })

  it.each<[string, unknown]>([
    ['text', 'a'],
    ['null', null],
    ['nobody where somebody should be', {}],
    ['a user without a name', { subject: '' }],
    ['a user that is a number', { subject: 7 }],
    ['a session without a name', { sessionId: '', subject: 'a' }],
    ['a session of a user without a name', { sessionId: 's', subject: '' }],
    ['an issuer without a name', { subject: 'a', issuer: '' }],
    ['an issuer that is a number', { subject: 'a', issuer: 7 }],
    ['one that is wrong among others', [{ subject: 'a' }, {}]],
  ])('is an outage where it is %s (SET-16)', (_what, answer) => {
    const refusal = targetsOf(answer, names, FIRST)
    expect(refusal).toBeInstanceOf(AuthError)
    expect(refusal).toMatchObject({ reason: 'signal_undecided', family: 'dependency' })
  })
})
