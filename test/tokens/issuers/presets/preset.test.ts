import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { hostName, pathSegment, preset } from '../../../../lib/tokens/issuers/presets/preset.js'
import type { IssuerOptions } from '../../../../lib/index.js'

const check = optionCheck('acme')
const PLACE = 'https://id.acme.test/keys'

const acme = (options: object): IssuerOptions =>
  preset<{ readonly tenant: string }>('acme', ['tenant'], options as never, ({ tenant }) => ({
    issuer: `https://${tenant}.acme.test`,
    audience: 'acme',
    jwksUri: PLACE,
    algorithms: ['RS256'],
    claims: { roles: 'acme:roles', scope: 'scp' },
  }))

describe('the settings of a product', () => {
  const whole = {
    issuer: 'https://a.acme.test',
    audience: 'acme',
    jwksUri: PLACE,
    algorithms: ['RS256'],
    claims: { roles: 'acme:roles', scope: 'scp' },
  }

  it.each<[string, object, object]>([
    ['are these', {}, whole],
    ['give way to what is given', { algorithms: ['ES256'] }, { ...whole, algorithms: ['ES256'] }],
    ['stay where undefined is given', { algorithms: undefined }, whole],
    [
      'give way claim by claim',
      { claims: { roles: 'r', scope: undefined } },
      { ...whole, claims: { roles: 'r', scope: 'scp' } },
    ],
    ['are joined by other options', { maxAgeSeconds: 5 }, { ...whole, maxAgeSeconds: 5 }],
    [
      'lose their place of keys to another one',
      { jwksUri: 'https://k.test' },
      { ...whole, jwksUri: 'https://k.test' },
    ],
  ])('%s', (_name, options, expected) => {
    expect(acme({ tenant: 'a', ...options })).toEqual(expected)
  })

  it.each(['discoveryUrl', 'jwks', 'secret'])('lose their place of keys to "%s"', (name) => {
    expect(acme({ tenant: 'a', [name]: 'mine' })).not.toHaveProperty('jwksUri')
    expect(acme({ tenant: 'a', [name]: 'mine' })).toHaveProperty(name, 'mine')
  })

  it.each<[object, string]>([
    [{ tenants: 'a' }, 'unknown option "tenants". Did you mean "tenant"?'],
    [{ tenant: 'a', claims: { role: 'r' } }, 'unknown option "claims.role"'],
  ])('are refused with %j', (options, complaint) => {
    expect(() => acme(options)).toThrow(`acme: ${complaint}`)
  })
})

describe('a host name', () => {
  it.each(['login.example.com', 'localhost:3000', 'a-b.test'])('may be %s', (name) => {
    expect(hostName(check, 'domain', name)).toBe(name)
  })

  it.each([
    'https://a.test',
    'a.test/',
    'a.test/b',
    'a.test?b',
    'u@a.test',
    'A.test',
    'a b',
    '',
    7,
  ])('is not %p', (name) => {
    expect(() => hostName(check, 'domain', name)).toThrow('acme: "domain" must be')
  })
})

describe('a part of a path', () => {
  it.each(['a', 'A-1_b.c~', '...'])('may be %s', (text) => {
    expect(pathSegment(check, 'realm', text)).toBe(text)
  })

  it.each(['a/b', '.', '..', 'a b', 'a?', 'ä', '%2e', '', 7])('is not %p', (text) => {
    expect(() => pathSegment(check, 'realm', text)).toThrow('acme: "realm" must be')
  })
})
