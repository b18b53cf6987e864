import { IncomingMessage, ServerResponse, type IncomingHttpHeaders } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import {
  compileCookiePolicy,
  cookieToken,
  explainBeside,
  type CookieOptions,
} from '../../../lib/http/origin/cookie-credential.js'
import { weldedVary } from '../../../lib/http/origin/welded-check.js'
import { addVary } from '../../../lib/http/answer/vary.js'
import { NodeHead } from '../../../lib/http/request/node-head.js'
import { AuthError } from '../../../lib/index.js'
import { refusalOf } from '../../support/policy.js'

const OPEN = { name: 'at', open: (value: string) => opened.get(value) }
const opened = new Map([
  ['sealed', 'a.b.c'],
  ['spaces', 'a b'],
  ['empty', ''],
])

/** What comes of the cookies of a request: the token, or the code and the reason of the refusal. */
function read(
  headers: IncomingHttpHeaders,
  options: Partial<CookieOptions> = {},
  method = 'GET',
): { readonly outcome: unknown; readonly vary: unknown } {
  const req = new IncomingMessage(new Socket())
  Object.assign(req, { headers: { host: 'api.test', ...headers }, method })
  const res = new ServerResponse(req)
  const policy = compileCookiePolicy(optionCheck('requireBearer'), { name: 'at', ...options })!
  const head = new NodeHead(req)
  addVary(res, ['Cookie', ...weldedVary(head)])
  let outcome: unknown
  const refusal = refusalOf(() => (outcome = cookieToken(head, policy, 12_288)))
  if (refusal !== undefined) outcome = [refusal.code, refusal.reason]
  return { outcome, vary: res.getHeader('Vary') }
}

describe('cookieToken', () => {
  it.each<[string, IncomingHttpHeaders, unknown]>([
    ['none', {}, ['no_credential', 'no_credential']],
    ['another', { cookie: 'x=a' }, ['no_credential', 'no_credential']],
    ['an empty one', { cookie: 'at=' }, ['no_credential', 'no_credential']],
    ['a token', { cookie: 'at=a.b.c' }, 'a.b.c'],
    ['two tokens', { cookie: 'at=a; at=b' }, ['invalid_request', 'duplicate_cookie']],
    ['an empty one and a token', { cookie: 'at=; at=b' }, ['invalid_request', 'duplicate_cookie']],
    ['12,288 characters', { cookie: `at=${'a'.repeat(12_288)}` }, 'a'.repeat(12_288)],
    ['12,289', { cookie: `at=${'a'.repeat(12_289)}` }, ['invalid_request', 'token_too_large']],
    ['no token', { cookie: 'at=a b' }, ['invalid_request', 'malformed_cookie']],
    ['no token before', { cookie: 'at={a' }, ['invalid_request', 'malformed_cookie']],
    ['no token behind', { cookie: 'at=a}' }, ['invalid_request', 'malformed_cookie']],
  ])('reads %s', (_name, headers, expected) => {
    expect(read(headers).outcome).toEqual(expected)
  })

  it('judges where the request came from before it looks at the token', () => {
    const foreign = { 'sec-fetch-site': 'cross-site' }
    const refused = ['csrf_cross_site', 'csrf_cross_site']
    for (const cookie of ['at=a', 'at={', `at=${'a'.repeat(12_289)}`]) {
      expect(read({ ...foreign, cookie }, {}, 'POST').outcome).toEqual(refused)
      expect(read({ ...foreign, cookie }).outcome).toEqual(refused)
    }
    expect(read(foreign, {}, 'POST').outcome).toEqual(['no_credential', 'no_credential'])
    expect(read({ ...foreign, cookie: 'at=a' }, { isolateReads: false }).outcome).toBe('a')
  })

  it.each<[string, IncomingHttpHeaders, Partial<CookieOptions>, unknown]>([
    ['no origin', {}, {}, 'csrf_origin_missing'],
    ['the custom header', { 'x-csrf': '1' }, {}, undefined],
    ['an address bar', { 'sec-fetch-site': 'none' }, {}, undefined],
    ['our origin by Host', { origin: 'https://api.test' }, {}, undefined],
    [
      'our origin by name',
      { origin: 'https://api.test' },
      { origin: 'https://public.test' },
      'csrf_origin_mismatch',
    ],
    [
      'a trusted origin',
      { origin: 'https://app.test', 'sec-fetch-site': 'same-site' },
      { trustedOrigins: ['https://app.test'] },
      undefined,
    ],
  ])('judges a post with %s', (_name, headers, options, code) => {
    const { outcome } = read({ cookie: 'at=a', ...headers }, options, 'POST')
    expect(outcome).toEqual(code === undefined ? 'a' : [code, code])
  })

  it('says what its answer depends on, with a cookie and without', () => {
    for (const headers of [{}, { cookie: 'at=a' }, { cookie: 'at=a; at=a' }]) {
      expect(read(headers, {}, 'POST').vary).toBe('Cookie, Origin, Sec-Fetch-Site')
      for (const method of ['GET', 'HEAD']) {
        expect(read(headers, {}, method).vary).toBe(
          'Cookie, Origin, Sec-Fetch-Site, Sec-Fetch-Mode, Sec-Fetch-Dest',
        )
      }
    }
  })

  it.each([
    ['sealed', 'a.b.c'],
    ['broken', ['invalid_token', 'broken_seal']],
    ['spaces', ['invalid_token', 'broken_seal']],
    ['empty', ['invalid_token', 'broken_seal']],
  ])('opens the cookie "%s"', (value, expected) => {
    expect(read({ cookie: `at=${value}` }, OPEN).outcome).toEqual(expected)
  })
})

describe('cookieToken of a cookie that the app opens', () => {
  it('refuses as the app does', () => {
    const outage = new AuthError('temporarily_unavailable', { reason: 'keys_unavailable' })
    const open = (): never => {
      throw outage
    }
    expect(read({ cookie: 'at=a' }, { open }).outcome).toEqual([outage.code, outage.reason])
  })
})

describe('explainBeside', () => {
  const policy = compileCookiePolicy(optionCheck('requireBearer'), 'at')!
  const basic = new AuthError('no_credential', {
    reason: 'unsupported_scheme',
    detail: 'It is Basic',
  })

  /** What a request with this `Cookie` header is told. */
  function told(cookie: string | undefined, error: AuthError): AuthError {
    const req = new IncomingMessage(new Socket())
    Object.assign(req, { headers: { cookie } })
    return explainBeside(new NodeHead(req), policy, error)
  }

  it.each([
    [basic, 'It is Basic'],
    [
      new AuthError('no_credential', { reason: 'unsupported_scheme' }),
      'The Authorization header has another scheme',
    ],
  ])('says of a header of another scheme that the cookie came too: %#', (error, why) => {
    expect(told('x=1; at=a.b.c', error)).toMatchObject({
      code: 'no_credential',
      reason: 'unsupported_scheme',
      detail: `${why}. The cookie at came too, and never counts beside that header: let no proxy or client add it`,
    })
  })

  it.each([undefined, '', 'x=1', 'at2=a'])('says no more where the cookies are %j', (cookie) => {
    expect(told(cookie, basic)).toBe(basic)
  })

  it('says no more of a header that was a bearer token', () => {
    const malformed = new AuthError('invalid_request', { reason: 'malformed_authorization' })
    expect(told('at=a', malformed)).toBe(malformed)
  })
})

describe('compileCookiePolicy', () => {
  const check = optionCheck('requireBearer')

  it('takes a cookie that can be set and cleared as well, like that of tokenCookie()', () => {
    const cookie = { ...OPEN, set: () => undefined, clear: () => undefined }
    expect(compileCookiePolicy(check, cookie)).toMatchObject(OPEN)
  })

  it('names the option of the cookie that holds a bad origin', () => {
    const cookie = { name: 'at', origin: 'https://api.test/' }
    expect(() => compileCookiePolicy(check, cookie)).toThrow(/"cookie\.origin" must/)
  })

  it('is none without a cookie', () => {
    expect(compileCookiePolicy(check, undefined)).toBeUndefined()
  })

  it.each([
    ['trustedOrigin', 'trustedOrigins'],
    ['isolateRead', 'isolateReads'],
    ['origins', 'origin'],
  ])('refuses "%s", which would protect nothing', (name, meant) => {
    expect(() => compileCookiePolicy(check, { name: 'at', [name]: [] })).toThrow(
      `unknown option "cookie.${name}". Did you mean "cookie.${meant}"?`,
    )
  })

  it.each(['at', '__Host-Http-at', "!#$%&'*+-.^_`|~0", 'A9'])('takes the name %j', (cookie) => {
    expect(compileCookiePolicy(check, cookie)?.name).toBe(cookie)
  })

  it.each(['', ' at', 'at ', 'a=b', 'a;b', 'a,b', '"at"', 'caf\u00E9', 'a/b', '(at', 'at)'])(
    'refuses the name %j',
    (cookie) => {
      expect(() => compileCookiePolicy(check, cookie)).toThrow(/"cookie" must be the name/)
      expect(() => compileCookiePolicy(check, { name: cookie })).toThrow(/"cookie.name" must be/)
    },
  )

  it.each([null, 7, [], ['at'], {}, { name: 7 }, { name: 'a b' }])(
    'refuses %j for a cookie',
    (cookie) => {
      const compile = (): unknown => compileCookiePolicy(check, cookie as never)
      expect(compile).toThrow(/"cookie(\.name)?" must be the name/)
    },
  )

  it('refuses an "open" that is no function', () => {
    const cookie = { name: 'at', open: 'x' as never }
    expect(() => compileCookiePolicy(check, cookie)).toThrow(/"cookie.open" must be a function/)
  })
})
