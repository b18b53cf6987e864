import { describe, expect, it } from '@jest/globals'
import type { IncomingMessage } from 'node:http'
import {
  authorizationHeader,
  joinedAuthorization,
  tokenOf,
} from '../../../lib/http/request/credentials.js'
import { refusalOf } from '../../support/policy.js'

function requestWith(rawHeaders: readonly string[], authorization?: string): IncomingMessage {
  return { rawHeaders, headers: { authorization } } as never
}

function outcome(read: () => unknown): unknown {
  const refusal = refusalOf(read)
  return refusal === undefined ? read() : [refusal.code, refusal.reason]
}

const DUPLICATE = ['invalid_request', 'duplicate_authorization']
const UNSUPPORTED = ['no_credential', 'unsupported_scheme']
const MALFORMED = ['invalid_request', 'malformed_authorization']

describe('authorizationHeader', () => {
  it.each<[string, readonly string[], string | undefined, unknown]>([
    ['none', [], undefined, undefined],
    ['none among others', ['Host', 'a', 'Authorizatiom', 'b'], undefined, undefined],
    [
      'one among names as long as its own',
      ['Cache-Control', 'a', 'If-None-Match', 'b', 'Authorization', 'B c'],
      'B c',
      'B c',
    ],
    ['an empty one', ['Authorization', ''], '', undefined],
    ['one', ['Host', 'a', 'Authorization', 'Bearer a'], 'Bearer a', 'Bearer a'],
    ['a value of that name', ['X', 'authorization', 'authorization', 'B a'], 'B a', 'B a'],
    ['two', ['Authorization', 'a', 'Authorization', 'b'], 'a', DUPLICATE],
    ['two, in other cases', ['authorization', 'a', 'AUTHORIZATION', 'b'], 'a', DUPLICATE],
    ['two, far apart', ['Authorization', 'a', 'X', 'y', 'Authorization', 'a'], 'a', DUPLICATE],
    ['three', ['Authorization', 'a', 'Authorization', '', 'authorization', ''], 'a', DUPLICATE],
  ])('reads %s (9110-11)', (_name, rawHeaders, authorization, expected) => {
    expect(outcome(() => authorizationHeader(requestWith(rawHeaders, authorization)))).toEqual(
      expected,
    )
  })
})

describe('joinedAuthorization', () => {
  it.each<[string, unknown]>([
    ['', undefined],
    ['Bearer a.b.c', 'Bearer a.b.c'],
    ['Digest username="u", realm="r", nonce="n"', 'Digest username="u", realm="r", nonce="n"'],
    ['Basic dTpw, Bearer x', DUPLICATE],
    ['Bearer x, Basic dTpw', DUPLICATE],
    ['Bearer x,Bearer x', DUPLICATE],
    [', Bearer x', DUPLICATE],
  ])('reads %j (9110-11)', (value, expected) => {
    expect(outcome(() => joinedAuthorization(value))).toEqual(expected)
  })
})

describe('tokenOf', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER   abc', 'abc'],
    ['Bearer A-z.0_9~+/==', 'A-z.0_9~+/=='],
    [`Bearer ${'a'.repeat(12_288)}`, 'a'.repeat(12_288)],
  ])('reads "%.20s" (6750-01, 6750-02)', (value, token) => {
    expect(tokenOf(value)).toBe(token)
  })

  it.each([
    ['Basic dTpw', UNSUPPORTED],
    ['Bearers abc', UNSUPPORTED],
    ['abc', UNSUPPORTED],
    ["!#$%&'*+-.^_`|~ abc", UNSUPPORTED],
    [' Bearer abc', MALFORMED],
    ['{"a":1}', MALFORMED],
    ['Bearer\tabc', MALFORMED],
    ['B\u00E4rer abc', MALFORMED],
    ['x Bearer( abc', UNSUPPORTED],
    ['(x abc', MALFORMED],
    ['x( abc', MALFORMED],
    ['Bearer', MALFORMED],
    ['Bearer ', MALFORMED],
    ['Bearer    ', MALFORMED],
    ['Bearer =', MALFORMED],
    ['Bearer a=b', MALFORMED],
    ['Bearer a b', MALFORMED],
    ['Bearer a ', MALFORMED],
    ['Bearer a,b', MALFORMED],
    ['Bearer "a"', MALFORMED],
    ['Bearer a\u00E9', MALFORMED],
    [`Bearer ${'a'.repeat(12_289)}`, ['invalid_request', 'token_too_large']],
  ])('refuses "%.20s" (6750-03, 6750-04)', (value, expected) => {
    expect(outcome(() => tokenOf(value))).toEqual(expected)
  })

  it.each([
    ['Basic hunter2', 'has the scheme Basic, which is not read here'],
    ['dpop hunter2', 'has the scheme DPoP, which is not read here'],
    ['hunter2.hunter2.hunter2', 'or the token stands there without one'],
    ['Bearer Bearer hunter2', 'the word "Bearer" comes twice'],
    ['Bearer "hunter2"', 'it stands in quotes'],
    ['Bearer [object Object]', 'an object made a string'],
    ['Bearer ${token}', 'a placeholder'],
    ['Bearer {{token}}', 'a placeholder'],
    ['Bearer <token>', 'a placeholder'],
    ['JWT hunter2', 'has the scheme JWT'],
    ['Bearer {"access_token":"hunter2"}', 'it is JSON'],
  ])('says of "%.15s" how it came about, and not what came', (value, hint) => {
    const detail = refusalOf(() => tokenOf(value))?.detail
    expect(detail).toContain(hint)
    expect(detail).not.toContain('hunter2')
  })

  it('never repeats what came, in the detail either', () => {
    for (const value of ['{hunter2}', 'Bearer hunter2 x', `Bearer ${'hunter2'.repeat(2000)}`]) {
      expect(refusalOf(() => tokenOf(value))?.detail).not.toContain('hunter2')
    }
  })
})
