import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'

const check = optionCheck('guard')
const NAMES = ['issuer', 'clientId', 'trustedOrigins', 'failuresPerNetwork', 'maxAgeSeconds']
const NESTED = [...NAMES, 'claims.scope', 'claims.clientId', 'claims.roles', 'cookie.isolateReads']

describe('an unknown option', () => {
  it.each([
    ['isuer', 'issuer'],
    ['clientID', 'clientId'],
    ['trustedOrigin', 'trustedOrigins'],
    ['origins', 'trustedOrigins'],
    ['failures', 'failuresPerNetwork'],
    ['maxAge', 'maxAgeSeconds'],
    ['scopeClaim', 'claims.scope'],
    ['clientIdClaim', 'claims.clientId'],
    ['rolesClaim', 'claims.roles'],
    ['roleClaims', 'claims.roles'],
    ['scopes', 'claims.scope'],
    ['isolateReads', 'cookie.isolateReads'],
    ['isolateRead', 'cookie.isolateReads'],
  ])('%s is an error that names %s', (name, meant) => {
    expect(() => check.known({ [name]: 1 }, NESTED)).toThrow(
      new TypeError(`guard: unknown option "${name}". Did you mean "${meant}"?`),
    )
  })

  it.each(['lump', 'x', '', '__', '7', 'constructor', 'toString'])(
    '%j is an error that names all there are, where it is like none',
    (name) => {
      expect(() => check.known({ [name]: 1 }, NESTED, { former: {} })).toThrow(
        new TypeError(`guard: unknown option "${name}". Known: ${NAMES.join(', ')}`),
      )
    },
  )

  it('that had another name is an error that names the new one', () => {
    const former = { strict: 'refuseUserNavigation' }
    expect(() => check.known({ strict: true }, ['structure'], { former })).toThrow(
      'Did you mean "refuseUserNavigation"?',
    )
  })

  it('within an option is an error that names both', () => {
    expect(() => check.known({ issuers: 1 }, NAMES, { within: 'a.b' })).toThrow(
      new TypeError('guard: unknown option "a.b.issuers". Did you mean "a.b.issuer"?'),
    )
    expect(() => check.known(7, NAMES, { within: 'a' })).toThrow('"a" must be an object, got 7')
  })

  it('is one with a dot in its name too: "claims.scope" is read by nobody', () => {
    expect(() => check.known({ 'claims.scope': 'scp' }, NESTED)).toThrow('"claims.scope"')
  })
})

describe('a complaint', () => {
  it.each([
    ['a request, by a factory that was mounted without a call', { headers: {}, socket: {} }, true],
    ['options named like a header', { headers: {} }, false],
    ['options named like a socket', { socket: {} }, false],
  ])('knows %s', (_what, given, isRequest) => {
    const known = (): void => optionCheck('sampleGuard').known(given, [])
    expect(known).toThrow(
      isRequest ? /Call it: app\.use\(sampleGuard\(\.\.\.\)\)/ : /unknown option/,
    )
  })

  it('shows a few names of an object, and not all the insides of a client', () => {
    const client = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((k) => [k, 1]))
    expect(() => check.string('redis', client)).toThrow(
      /got an object with a, b, c, d, e, f and 2 more$/,
    )
  })

  it.each([
    ['redis://alice:secret@redis.test:6379', '"redis://***@redis.test:6379"'],
    ['redis://alice:se/cret#@redis.test', '"redis://***@redis.test"'],
    ['ht!tp://secret@id.test/?next=a@b', '"ht!tp://***@id.test/?next=a@b"'],
    ['https://id.test/@alice', '"https://id.test/@alice"'],
  ])('of %s shows no password', (url, shown) => {
    expect(() => check.number('url', url, { fallback: 0, min: 0, max: 1 })).toThrow(`got ${shown}`)
  })

  it('lists each known option once', () => {
    expect(() => check.known({ x: 1 }, ['audience', 'issuer', 'audience'])).toThrow(
      /Known: audience, issuer$/,
    )
  })
})

describe('a known option', () => {
  it('passes, whatever it holds', () => {
    expect(() => check.known({ issuer: undefined, clientId: 1 }, NESTED)).not.toThrow()
  })
})
