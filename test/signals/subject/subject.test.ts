import { describe, expect, it } from '@jest/globals'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import { readSubject } from '../../../lib/signals/subject/subject.js'

const USER = { format: 'iss_sub', iss: 'https://id.test', sub: 'ada' }
const EMAIL = { format: 'email', email: 'a@b.c' }
const list = (length: number): readonly object[] => Array.from({ length }, () => EMAIL)
const aliases = (identifiers: unknown): object => ({ format: 'aliases', identifiers })
const complex = (members: object): object => ({ format: 'complex', ...members })

describe('readSubject', () => {
  it.each<object>([
    USER,
    { format: 'opaque', id: 'x' },
    EMAIL,
    { format: 'phone_number', phone_number: '+1' },
    { format: 'account', uri: 'acct:a' },
    { format: 'uri', uri: 'urn:a' },
    { format: 'did', url: 'did:a' },
    { format: 'jwt_id', iss: 'i', jti: 'j' },
    { format: 'saml_assertion_id', issuer: 'i', assertion_id: 'a' },
  ])('reads %j, and leaves out what its format does not know (SSF-07, SSF-11)', (subject) => {
    expect(readSubject({ ...subject, more: 1 })).toEqual(subject)
  })

  it.each<[object, object]>([
    [
      { subject_type: 'iss-sub', iss: 'i', sub: 's' },
      { format: 'iss_sub', iss: 'i', sub: 's' },
    ],
    [
      { subject_type: 'id_token_claims', iss: 'i', sub: 's' },
      { format: 'iss_sub', iss: 'i', sub: 's' },
    ],
    [
      { subject_type: 'phone', phone_number: '+1' },
      { format: 'phone_number', phone_number: '+1' },
    ],
    [{ subject_type: 'email', ...EMAIL }, EMAIL],
  ])('reads %j, as transmitters of the drafts write it (RISC-06)', (given, subject) => {
    expect(readSubject(given)).toEqual(subject)
  })

  it.each([{ format: 'fax', number: '1' }, { format: '' }, { format: 'toString' }])(
    'bears with a format that nobody knows: %j',
    (subject) => expect(readSubject(subject)).toBeUndefined(),
  )

  it.each<[string, unknown]>([
    ['text', 'ada'],
    ['a list', [USER]],
    ['no format', { iss: 'i', sub: 's' }],
    ['a format that is a number', { format: 7, user: USER }],
    ['a member that lacks', { format: 'iss_sub', iss: 'i' }],
    ['a member that is empty', { ...EMAIL, email: '' }],
    ['a member that is a number', { ...EMAIL, email: 7 }],
    ['a member that is inherited', Object.create({ ...EMAIL, format: 'email' })],
    ['no aliases', aliases([])],
    ['aliases that are no list', aliases({ 0: EMAIL })],
    ['21 aliases', aliases(list(21))],
    ['an alias of aliases', aliases([aliases([EMAIL])])],
    ['an alias that is complex', aliases([complex({ user: USER })])],
    ['an alias that cannot be read', aliases([EMAIL, { format: 'email' }])],
    ['a member that is complex itself', complex({ user: complex({ user: USER }) })],
    ['a member that is complex without a word of it', complex({ user: { user: USER } })],
    ['a member that cannot be read', complex({ user: { format: 'email' } })],
    ['21 members', complex(Object.fromEntries(list(21).map((_, n) => [`m${n}`, EMAIL])))],
  ])('refuses %s', (_what, value) => {
    const refusal = readSubject(value)
    expect(refusal).toBeInstanceOf(AuthError)
    expect(refusal).toMatchObject({ reason: 'malformed_subject' })
  })

  it('reads 20 aliases, but for those of formats that nobody knows', () => {
    const subject = readSubject(aliases([...list(19), { format: 'fax' }]))
    expect(subject).toEqual({ format: 'aliases', identifiers: list(19) })
  })

  it.each<[string, object, object]>([
    ['by its format', complex({ user: USER }), { user: USER }],
    [
      'by a member alone',
      { session: { format: 'opaque', id: 's' } },
      { session: { format: 'opaque', id: 's' } },
    ],
    [
      'with members of formats that nobody knows',
      complex({ user: USER, device: { format: 'fax' } }),
      { user: USER, device: undefined },
    ],
    [
      'with members that are no objects',
      complex({ user: USER, reason: 'x' }),
      { user: USER, reason: undefined },
    ],
    ['with aliases', complex({ user: aliases([EMAIL]) }), { user: aliases([EMAIL]) }],
    [
      'with a member of a hostile name',
      complex({ user: USER, ['__proto__x']: EMAIL }),
      { user: USER, ['__proto__x']: EMAIL },
    ],
    [
      'of 20 members',
      complex(Object.fromEntries(list(20).map((_, n) => [`m${n}`, EMAIL]))),
      Object.fromEntries(list(20).map((_, n) => [`m${n}`, EMAIL])),
    ],
  ])('reads a complex subject %s', (_how, value, members) => {
    expect(readSubject(value)).toEqual({ format: 'complex', members })
  })
})
