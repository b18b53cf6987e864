import { describe, expect, it } from '@jest/globals'
import type { IncomingMessage } from 'node:http'
import { AuthError } from '../../lib/core/verdicts/errors.js'
import { requestedSubject } from '../../lib/signals/logout-request.js'

const USER = { format: 'iss_sub', iss: 'https://id.test', sub: 'ada' }
const TOKEN = { format: 'jwt_id', iss: 'https://id.test', jti: 'j' }
const EMAIL = { format: 'email', email: 'ada@id.test' }
const aliases = (...identifiers: readonly object[]): object => ({ format: 'aliases', identifiers })
const deep = (levels: number): string =>
  `{"sub_id":${JSON.stringify(USER)},"x":${'['.repeat(levels)}${']'.repeat(levels)}}`

/** A request whose body a parser of the app has read. */
function parsed(body: unknown, type = 'application/json; charset=utf-8'): IncomingMessage {
  return {
    headers: { 'content-type': type },
    readableDidRead: true,
    body,
  } as unknown as IncomingMessage
}

describe('requestedSubject', () => {
  it.each<[string, unknown, object]>([
    ['sub_id', { sub_id: USER }, USER],
    ['subject, as the drafts up to -02', { subject: USER }, USER],
    ['sub_id before subject', { subject: EMAIL, sub_id: USER }, USER],
    ['further members beside it', { sub_id: USER, reason: 'left' }, USER],
    ['text', JSON.stringify({ sub_id: EMAIL }), EMAIL],
    ['bytes', Buffer.from(JSON.stringify({ sub_id: EMAIL })), EMAIL],
    ['JSON that is 16 deep', deep(15), USER],
    ['users among other aliases', { sub_id: aliases(TOKEN, USER) }, aliases(USER)],
    ['aliases of unknown formats', { sub_id: aliases({ format: 'fax' }) }, aliases()],
  ])('reads %s', async (_what, body, subject) => {
    expect(await requestedSubject(parsed(body))).toEqual(subject)
  })

  it.each<[string, unknown, string]>([
    ['no body', undefined, 'malformed_signal'],
    ['null', 'null', 'malformed_signal'],
    ['a list', [USER], 'malformed_signal'],
    ['no JSON', '{', 'malformed_signal'],
    ['bytes that are no UTF-8', Buffer.from([0xff]), 'malformed_signal'],
    ['JSON that is 17 deep', deep(16), 'malformed_signal'],
    ['neither name', { sub: USER }, 'malformed_signal'],
    ['a name that is inherited', Object.create({ sub_id: USER }) as unknown, 'malformed_signal'],
    ['an unknown format', { sub_id: { format: 'fax' } }, 'malformed_signal'],
    ['a user without sub', { sub_id: { ...USER, sub: '' } }, 'malformed_subject'],
    ['a token', { sub_id: TOKEN }, 'unsupported_subject'],
    [
      'an assertion',
      { sub_id: { format: 'saml_assertion_id', issuer: 'i', assertion_id: 'a' } },
      'unsupported_subject',
    ],
    ['a complex subject', { sub_id: { user: USER } }, 'unsupported_subject'],
    ['aliases without a user', { sub_id: aliases(TOKEN) }, 'unsupported_subject'],
  ])('refuses %s', async (_what, body, reason) => {
    const refusal = await requestedSubject(parsed(body))
    expect(refusal).toBeInstanceOf(AuthError)
    expect(refusal).toMatchObject({ reason })
  })

  it('refuses another content type', async () => {
    const refusal = await requestedSubject(parsed({ sub_id: USER }, 'text/plain'))
    expect(refusal).toMatchObject({ reason: 'malformed_signal' })
  })
})
