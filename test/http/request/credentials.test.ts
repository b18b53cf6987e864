import { describe, expect, it } from '@jest/globals'
import type { IncomingMessage } from 'node:http'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import {
  authorizationHeader,
  joinedAuthorization,
  maxTokenCharsOf,
  schemeOf,
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

describe('authorizationHeader of a request that Node did not parse', () => {
  const NOT_TEXT = [[7], [{}], [null], [true], [[7]], [[null]]] as const

  it.each<[unknown, unknown]>([
    [undefined, undefined],
    ['', undefined],
    ['Bearer a', 'Bearer a'],
    [[], undefined],
    [['Bearer a'], 'Bearer a'],
    [['Bearer a', 'Bearer b'], DUPLICATE],
    ['Bearer a, Basic b', DUPLICATE],
    [['Bearer a, Basic b'], DUPLICATE],
  ])('reads %j', (authorization, expected) => {
    const req = { headers: { authorization } } as never
    expect(outcome(() => authorizationHeader(req))).toEqual(expected)
  })

  it.each(NOT_TEXT)('refuses %j, which is no text', (authorization) => {
    const req = { headers: { authorization } } as never
    expect(outcome(() => authorizationHeader(req))).toEqual(MALFORMED)
  })

  it.each(NOT_TEXT)('refuses %j beside raw headers as well', (authorization) => {
    const req = { rawHeaders: [], headers: { authorization } } as never
    expect(outcome(() => authorizationHeader(req))).toEqual(MALFORMED)
  })
})

describe('schemeOf', () => {
  it.each([
    ['DPoP a.b.c', 'DPoP'],
    ['dpop a.b.c', 'DPoP'],
    ['DPOP', 'DPoP'],
    ['Bearer a.b.c', 'Bearer'],
    ['DPoPs a.b.c', 'Bearer'],
    ['Bearer dpop a', 'Bearer'],
    ['Basic dTpw', 'Bearer'],
  ])('of "%s" is %s where proofs are taken', (authorization, scheme) => {
    expect(schemeOf(authorization, true)).toBe(scheme)
  })

  it('is Bearer whatever comes where no proof is taken', () => {
    expect(schemeOf('DPoP a.b.c', false)).toBe('Bearer')
  })
})

describe('maxTokenCharsOf', () => {
  const check = optionCheck('requireBearer')

  it('is 12288 unless told', () => {
    expect(maxTokenCharsOf(check, undefined)).toBe(12_288)
  })

  it.each([1024, 131_072])('takes %d', (chars) => {
    expect(maxTokenCharsOf(check, chars)).toBe(chars)
  })

  it.each([1023, 131_073, 2000.5, '2000'])('refuses %p by its name', (chars) => {
    expect(() => maxTokenCharsOf(check, chars as number)).toThrow(/"maxTokenChars"/)
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
    ['Bearer x,  Bearer   x', DUPLICATE],
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
    ['Bearer a.b.c', 'a.b.c'],
    [`Bearer ${'a'.repeat(12_288)}`, 'a'.repeat(12_288)],
  ])('reads "%.20s" (6750-01, 6750-02)', (value, token) => {
    expect(tokenOf(value)).toBe(token)
  })

  it('reads the token of another scheme where that is expected', () => {
    expect(tokenOf('dpop a.b', 'DPoP')).toBe('a.b')
    expect(outcome(() => tokenOf('Bearer a.b', 'DPoP'))).toEqual(UNSUPPORTED)
  })

  it('leaves the alphabet of three parts to whoever takes the token apart', () => {
    expect(tokenOf('Bearer a.(.c')).toBe('a.(.c')
    for (const text of ['a(c', 'a.(', 'a.(.c.d', '.(']) {
      expect(outcome(() => tokenOf(`Bearer ${text}`))).toEqual(MALFORMED)
    }
  })

  it('takes as many characters as it is told, and no more', () => {
    expect(tokenOf('Bearer abcd', 'Bearer', 4)).toBe('abcd')
    expect(outcome(() => tokenOf('Bearer abcde', 'Bearer', 4))).toEqual([
      'invalid_request',
      'token_too_large',
    ])
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
    ['digest hunter2', 'has the scheme Digest, which is not read here'],
    ['Negotiate hunter2', 'has the scheme Negotiate, which is not read here'],
    ['Token hunter2', 'has the scheme Token, which is not read here'],
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
