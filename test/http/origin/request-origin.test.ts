import { IncomingMessage, type IncomingHttpHeaders } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import {
  compileHeaderName,
  hasCookies,
  hasHeader,
  isSafeRequest,
  judgeAsUnsafe,
  namesNoOrigin,
  originRefusal,
  type CsrfPolicy,
} from '../../../lib/http/origin/request-origin.js'

const POLICY: CsrfPolicy = {
  own: new Set(),
  trusted: new Set(['https://app.test']),
  refuseUserNavigation: false,
  headerName: 'x-csrf',
  ambient: hasCookies,
  isolateReads: true,
}

function requestWith(
  headers: IncomingHttpHeaders,
  method?: string,
  originalMethod?: string,
): IncomingMessage {
  const req = new IncomingMessage(new Socket())
  return Object.assign(req, { headers: { host: 'api.test', ...headers }, method, originalMethod })
}

function judged(
  headers: IncomingHttpHeaders,
  method = 'POST',
  policy = POLICY,
): readonly unknown[] | undefined {
  const refusal = originRefusal(requestWith(headers, method), policy)
  return refusal === undefined ? undefined : [refusal.code, refusal.reason, refusal.detail]
}

const FOREIGN = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }

describe('originRefusal', () => {
  it('tells the log what came, and the mending of it', () => {
    expect(judged(FOREIGN)).toEqual([
      'csrf_cross_site',
      'csrf_cross_site',
      'Sec-Fetch-Site is cross-site, Origin is https://evil.test. If that is your front end, add it to "trustedOrigins"',
    ])
    expect(judged({ origin: 'https://evil.test' })).toEqual([
      'csrf_origin_mismatch',
      'csrf_origin_mismatch',
      'Origin is https://evil.test, Host is api.test, Sec-Fetch-Site is absent. Behind a proxy, set "origin" to the public origin; add other front ends to "trustedOrigins"',
    ])
    expect(judged({ cookie: 'a=b' })).toEqual([
      'csrf_origin_missing',
      'csrf_origin_missing',
      expect.stringMatching(/^Neither Sec-Fetch-Site nor Origin came, but a cookie did/),
    ])
    expect(judged({ 'sec-fetch-site': 'same-site' })).toMatchObject({
      2: expect.stringContaining('Origin is absent.'),
    })
  })

  it('lets pass what carries no cookie, or the header that no foreign page can send', () => {
    expect(judged({})).toBeUndefined()
    expect(judged({ cookie: 'a=b', 'x-csrf': '1' })).toBeUndefined()
    expect(judged({ cookie: 'a=b', 'x-csrf': '' })).toMatchObject({ 0: 'csrf_origin_missing' })
  })

  it.each(['GET', 'HEAD', 'OPTIONS'])('isolates %s where the policy says so', (method) => {
    expect(judged(FOREIGN, method)).toMatchObject({ 0: 'csrf_cross_site' })
    expect(judged(FOREIGN, method, { ...POLICY, isolateReads: false })).toBeUndefined()
    const link = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    expect(judged({ ...FOREIGN, ...link }, method)).toBeUndefined()
  })

  it('takes a header that came twice, where a host keeps both, for none that it knows', () => {
    const twice = { origin: ['https://app.test', 'https://app.test'] as never }
    expect(judged(twice)).toMatchObject({
      0: 'csrf_origin_mismatch',
      2: expect.stringContaining('Origin is https://app.test, https://app.test,'),
    })
  })
})

describe('judgeAsUnsafe', () => {
  it.each(['GET', 'POST', undefined])('judges a %s like a post', (method) => {
    expect(judgeAsUnsafe(requestWith(FOREIGN, method), POLICY)).toBe(false)
    expect(judgeAsUnsafe(requestWith(FOREIGN, method, 'GET'), POLICY)).toBe(false)
    expect(judgeAsUnsafe(requestWith({ origin: 'https://api.test' }, method), POLICY)).toBe(true)
  })
})

describe('isSafeRequest', () => {
  it.each([
    ['GET', undefined, true],
    ['POST', undefined, false],
    ['GET', 'POST', false],
    ['GET', 'GET', true],
    [undefined, undefined, false],
  ])('%s that was sent as %s: %p (FM-08)', (method, original, expected) => {
    expect(isSafeRequest(requestWith({}, method, original))).toBe(expected)
  })
})

describe('the handshake of a WebSocket', () => {
  it.each([
    ['websocket', true],
    ['WebSocket', true],
    ['h2c, websocket', true],
    ['websocket/13', true],
    ['h2c', false],
    ['no-websockets', false],
    ['', false],
  ])('is told by its Upgrade: %p is one: %p', (upgrade, is) => {
    expect(isSafeRequest(requestWith({ upgrade }, 'GET'))).toBe(!is)
    const foreign = { origin: 'https://evil.test', upgrade, 'sec-fetch-dest': 'document' }
    expect(judged(foreign, 'GET')?.[0]).toBe(is ? 'csrf_origin_mismatch' : undefined)
  })

  it.each([
    ['our origin', { origin: 'https://api.test' }, undefined],
    ['a trusted origin', { origin: 'https://app.test' }, undefined],
    ['no origin and no cookie', {}, undefined],
    ['no origin but a cookie', { cookie: 'a=b' }, 'csrf_origin_missing'],
    ['another site', FOREIGN, 'csrf_cross_site'],
  ])('from %s is judged like a post', (_case, headers, expected) => {
    const handshake = { ...headers, upgrade: 'websocket' }
    expect(judged(handshake, 'GET')?.[0]).toBe(expected)
    expect(judged(headers, 'POST')?.[0]).toBe(expected)
  })
})

describe('what a request has', () => {
  it('names no origin only where both headers are missing', () => {
    expect(namesNoOrigin(requestWith({}))).toBe(true)
    expect(namesNoOrigin(requestWith({ origin: 'null' }))).toBe(false)
    expect(namesNoOrigin(requestWith({ 'sec-fetch-site': 'none' }))).toBe(false)
    expect(namesNoOrigin(requestWith(FOREIGN))).toBe(false)
  })

  it('has a header where it is not empty', () => {
    expect(hasHeader(requestWith({}), 'x-csrf')).toBe(false)
    expect(hasHeader(requestWith({ 'x-csrf': '' }), 'x-csrf')).toBe(false)
    expect(hasHeader(requestWith({ 'x-csrf': '0' }), 'x-csrf')).toBe(true)
    expect(hasHeader(requestWith({ 'x-csrf': ['', ''] }), 'x-csrf')).toBe(true)
  })

  it('has cookies where the header is there', () => {
    expect([hasCookies(requestWith({})), hasCookies(requestWith({ cookie: '' }))]).toEqual([
      false,
      true,
    ])
  })
})

describe('compileHeaderName', () => {
  const check = optionCheck('csrfGuard')

  it('is x-csrf unless told otherwise, and in lower case', () => {
    expect(compileHeaderName(check, undefined)).toBe('x-csrf')
    expect(compileHeaderName(check, 'X-Requested-By-2')).toBe('x-requested-by-2')
  })

  it.each([
    'Accept',
    'Accept-Language',
    'Content-Language',
    'Content-Type',
    'Cookie',
    'Host',
    'Origin',
    'Range',
    'Referer',
    'User-Agent',
    'Sec-Fetch-Site',
    'sec-x',
  ])('refuses %s, which a page may send to any server', (name) => {
    expect(() => compileHeaderName(check, name)).toThrow(/^csrfGuard: "header" must be a header of/)
  })

  it.each(['', '1x', '-x', 'x y', 'x:', 'x\u00E9', ' x'])(
    'refuses %j, which is no name',
    (name) => {
      expect(() => compileHeaderName(check, name)).toThrow(/^csrfGuard: "header" must be/)
    },
  )
})
