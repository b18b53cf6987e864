import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import type { IssuerPolicy } from '../../../lib/tokens/issuers/policy/policy.js'
import type { IssuerRegistry } from '../../../lib/tokens/issuers/registry/registry.js'
import { createIssuers, staticIssuers } from '../../../lib/tokens/issuers/create.js'
import { manualTimer } from '../../support/manual-timer.js'
import { ISSUER, reasonOf } from '../../support/policy.js'

const check = optionCheck('requireBearer')
const SECRET = Buffer.alloc(32, 1)
const timer = manualTimer()

describe('staticIssuers', () => {
  const list = [
    { issuer: ['https://a.test', 'https://b.test'], audience: 'a', secret: SECRET },
    { issuer: 'https://c.test/', audience: 'c', secret: SECRET },
  ]
  const registry = (): IssuerRegistry => staticIssuers(list, { check, timer, emit() {} })

  it('finds each by any of its names, and names it by the first', () => {
    const closed = registry()
    expect(closed.find('https://a.test')).toBe(closed.find('https://b.test'))
    expect(closed.find('https://c.test')).toBeUndefined()
    expect(closed.find('')).toBeUndefined()
    expect(closed.status().map(({ issuer }) => issuer)).toEqual([
      'https://a.test',
      'https://c.test/',
    ])
    expect(closed.confirm).toBeUndefined()
  })

  it('names the slash that is wrong, whichever side has one too many', () => {
    const closed = registry()
    expect(closed.explain('https://c.test')).toMatch(
      /trailing slash: expected https:\/\/c\.test\/, got/,
    )
    expect(closed.explain('https://a.test/')).toMatch(
      /trailing slash: expected https:\/\/a\.test, got/,
    )
    expect(closed.explain('https://d.test')).not.toContain('slash')
    expect(closed.explain('')).toMatch(/got none$/)
  })

  it('refuses an issuer that is named twice', () => {
    const twice = [...list, { issuer: 'https://b.test', audience: 'b', secret: SECRET }]
    expect(() => staticIssuers(twice, { check, timer, emit() {} })).toThrow(
      /"issuers" must name each issuer once, .* got "https:\/\/b.test"/,
    )
  })

  it('has several entries for one issuer where no algorithm is in two', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwks = { keys: [publicKey.export({ format: 'jwk' })] }
    const entry = { issuer: 'https://c.test/', audience: 'c', jwks }
    const closed = staticIssuers([...list, entry], { check, timer, emit() {} })
    const [byKey, bySecret] = ['ES256', 'HS256'].map((alg) => closed.known('https://c.test/', alg))
    expect([byKey?.algorithms.has('ES256'), byKey?.algorithms.has('HS256')]).toEqual([true, false])
    expect([bySecret?.algorithms.has('ES256'), bySecret?.algorithms.has('HS256')]).toEqual([
      false,
      true,
    ])
    for (const none of ['none', undefined, 7, {}])
      expect(closed.known('https://c.test/', none)).toBe(bySecret)
    expect(closed.find('https://c.test/', false, undefined, 'ES256')).toBe(byKey)
    const again = [...list, entry, { ...entry, algorithms: ['ES256'] }]
    expect(() => staticIssuers(again, { check, timer, emit() {} })).toThrow(/both take ES256\)/)
    const renamed = [...list, { ...entry, issuer: ['https://d.test', 'https://c.test/'] }]
    expect(() => staticIssuers(renamed, { check, timer, emit() {} })).toThrow(/same spelling first/)
  })

  it('closes the keys of all', async () => {
    const all = registry()
    const policies = ['https://a.test', 'https://c.test/'].map((name) => all.find(name))
    all.close()
    for (const policy of policies as IssuerPolicy[]) {
      const [key] = await policy.keys.find(undefined)
      expect(policy.keys.holds(key!)).toBe(false)
    }
  })
})

function create(options: object): unknown {
  return createIssuers(options as never, { check, timer: manualTimer(), emit() {} })
}

describe('createIssuers', () => {
  it.each([
    [{ issuers: [], issuer: 'x' }, /"issuer" must stand within "issuers", .* got "both"/],
    [{ issuers: [], keyCache: {} }, /"keyCache" must stand within "issuers"/],
    [{ issuer: '', audience: 'a' }, /"issuer" must be a non-empty string .* got ""$/],
    [{ issuers: [] }, /"issuers" must name at least one issuer/],
    [{ issuers: [{ issuer: ISSUER, audience: 'a', x: 1 }] }, /unknown option "x"/],
    [{ issuers: [null] }, /options must be an object/],
    [{ issuers: undefined }, /"issuer" must be a non-empty string/],
    [{ issuers: null }, /"issuers" must be a list/],
    [{ issuers: {} }, /"issuers" must be a list/],
    [{ issuers: { allow() {} } }, /"issuers" must be a list/],
    [{ issuers: { resolve() {} } }, /"issuers" must be a list/],
    [{ issuers: { allow: 1, resolve: 1 } }, /"issuers" must be a list/],
  ])('refuses %j', (options, complaint) => {
    expect(() => create(options)).toThrow(complaint)
  })

  it('takes a resolver, a list, or one issuer', () => {
    const one = { issuer: ISSUER, audience: 'a', secret: SECRET }
    for (const options of [one, { issuers: [one] }, { issuers: { allow() {}, resolve() {} } }]) {
      expect(reasonOf(() => create(options))).toBeUndefined()
    }
  })
})
