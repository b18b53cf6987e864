import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import {
  compileTokenHeader,
  headerToken,
  type TokenHeaderOptions,
} from '../../../lib/http/origin/header-credential.js'
import { FetchHead } from '../../../lib/http/request/fetch-head.js'
import { NodeHead } from '../../../lib/http/request/node-head.js'

const check = optionCheck('requireBearer')
const NAME = 'X-Token'

type Sent = Readonly<Record<string, string>>

function read(sent: Sent, options: Partial<TokenHeaderOptions> = {}, method = 'GET'): unknown {
  const request = new Request('https://api.test', { method, headers: sent })
  const policy = compileTokenHeader(check, { name: NAME, ...options })!
  const outcome = headerToken(new FetchHead(request), policy, 8)
  return outcome instanceof AuthError ? [outcome.code, outcome.reason] : outcome
}

const MALFORMED = ['invalid_request', 'malformed_authorization']
const SEVERAL = ['invalid_request', 'duplicate_authorization']
const UNSUPPORTED = ['no_credential', 'unsupported_scheme']
const CROSS_SITE = ['csrf_cross_site', 'csrf_cross_site']

describe('headerToken', () => {
  it.each<[string, Sent, unknown]>([
    ['no header', {}, undefined],
    ['an empty header', { [NAME]: '' }, undefined],
    ['a token', { [NAME]: 'a.b-c_~+' }, 'a.b-c_~+'],
    ['the longest', { [NAME]: 'a'.repeat(8) }, 'a'.repeat(8)],
    ['a longer one', { [NAME]: 'a'.repeat(9) }, ['invalid_request', 'token_too_large']],
    ['two tokens', { [NAME]: 'a, b' }, SEVERAL],
    ['no token', { [NAME]: '{a}' }, MALFORMED],
    ['a scheme that nobody named', { [NAME]: 'Bearer a' }, MALFORMED],
    ['a token in another header', { authorization: 'Bearer a' }, undefined],
  ])('reads %s', (_name, sent, outcome) => {
    expect(read(sent)).toEqual(outcome)
  })

  it.each<[string, unknown]>([
    ['Bearer a', 'a'],
    ['bearer   a', 'a'],
    ['Bearer', MALFORMED],
    ['Bearer a b', MALFORMED],
    ['Basic a', UNSUPPORTED],
    ['a', UNSUPPORTED],
    ['Bearers a', UNSUPPORTED],
  ])('reads behind a scheme, where one is named: %j', (value, outcome) => {
    expect(read({ [NAME]: value }, { scheme: 'BEARER' })).toEqual(outcome)
  })

  it('judges where the request came from before it looks at the token', () => {
    const foreign = { 'sec-fetch-site': 'cross-site' }
    for (const value of ['a', '{', 'a, b', 'a'.repeat(9)]) {
      expect(read({ ...foreign, [NAME]: value }, {}, 'POST')).toEqual(CROSS_SITE)
      expect(read({ ...foreign, [NAME]: value })).toEqual(CROSS_SITE)
    }
    expect(read(foreign, {}, 'POST')).toBeUndefined()
    expect(read({ ...foreign, [NAME]: 'a' }, { isolateReads: false })).toBe('a')
    expect(read({ [NAME]: 'a' }, {}, 'POST')).toEqual([
      'csrf_origin_missing',
      'csrf_origin_missing',
    ])
  })

  it.each(['x-token', 'proxy-authorization', 'from'])(
    'refuses two lines of %s, of which Node keeps but the first of some',
    (name) => {
      const req = new IncomingMessage(new Socket())
      Object.assign(req, {
        method: 'GET',
        headers: { [name]: 'a' },
        rawHeaders: [name.toUpperCase(), 'a', name, 'b'],
      })
      const outcome = headerToken(new NodeHead(req), compileTokenHeader(check, { name })!, 8)
      expect(outcome).toMatchObject({ reason: 'duplicate_authorization' })
    },
  )

  it('quotes no token', () => {
    const policy = compileTokenHeader(check, { name: NAME, scheme: 'Bearer' })!
    for (const value of ['secret', 'Bearer {secret', 'Bearer secret, secret']) {
      const request = new Request('https://api.test', { headers: { [NAME]: value } })
      expect(headerToken(new FetchHead(request), policy, 99)).toMatchObject({
        detail: expect.not.stringContaining('secret') as unknown,
      })
    }
  })
})

describe('compileTokenHeader', () => {
  it('is none without the option', () => {
    expect(compileTokenHeader(check, undefined)).toBeUndefined()
  })

  it.each([
    [undefined, undefined],
    [false, undefined],
    ['Bearer', 'bearer'],
  ] as const)('compares names and schemes in lower case: scheme %j', (scheme, expected) => {
    expect(compileTokenHeader(check, { name: NAME, scheme })).toMatchObject({
      name: 'x-token',
      scheme: expected,
      csrf: { isolateReads: true },
    })
  })

  it.each<[unknown, RegExp]>([
    ['x-token', /"header" must be { name } of a header/],
    [{ name: NAME, schemes: 'x' }, /unknown option "header.schemes". Did you mean "header.scheme"/],
    [{ name: NAME, trustedOrigin: [] }, /Did you mean "header.trustedOrigins"/],
    [{ name: '' }, /"header.name" must/],
    [{ name: 'x token' }, /"header.name" must be the name of a header/],
    [{ name: 'x-token:' }, /"header.name" must be the name of a header/],
    [{ name: 'Authorization' }, /"header.name" must be left out for "authorization"/],
    [{ name: 'COOKIE' }, /"header.name" must be none: give the option "cookie"/],
    [{ name: NAME, scheme: true }, /"header.scheme" must/],
    [{ name: NAME, scheme: 'a b' }, /"header.scheme" must be one word/],
  ])('refuses %p', (option, complaint) => {
    expect(() => compileTokenHeader(check, option as TokenHeaderOptions)).toThrow(complaint)
  })
})
