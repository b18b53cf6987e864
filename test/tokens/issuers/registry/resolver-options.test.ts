import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import {
  compileResolver,
  isResolver,
} from '../../../../lib/tokens/issuers/registry/resolver-options.js'
import type { IssuerResolver } from '../../../../lib/tokens/issuers/registry/registry.js'

const check = optionCheck('requireBearer')
const resolver: IssuerResolver = { allow: () => true, resolve: async () => undefined }

describe('compileResolver', () => {
  it('has an answer count for 5 minutes and serve on for an hour, 1000 of them, and forbids nothing', () => {
    expect(compileResolver(check, resolver)).toEqual({
      lifetime: { ttlMs: 300_000, maxStaleMs: 3_600_000 },
      maxIssuers: 1000,
      publicOnly: false,
    })
  })

  it('takes what is given, undefined being nothing', () => {
    const given = { ttlSeconds: 1.5, maxStaleSeconds: 0, forbidPrivateNetworks: true }
    expect(compileResolver(check, { ...resolver, ...given, maxIssuers: undefined })).toEqual({
      lifetime: { ttlMs: 1500, maxStaleMs: 0 },
      maxIssuers: 1000,
      publicOnly: true,
    })
  })

  it.each([
    ['ttlSeconds', 0, 'a number from 1 to 86400'],
    ['ttlSeconds', Number.NaN, 'a number from 1 to 86400'],
    ['ttlSeconds', '60', 'a number from 1 to 86400'],
    ['maxStaleSeconds', -1, 'a number from 0 to 86400'],
    ['maxStaleSeconds', Infinity, 'a number from 0 to 86400'],
    ['maxIssuers', 0, 'a whole number from 1 to 100000'],
    ['maxIssuers', 1.5, 'a whole number from 1 to 100000'],
    ['forbidPrivateNetworks', 'yes', 'true or false'],
  ])('refuses issuers.%s of %p', (name, value, must) => {
    expect(() => compileResolver(check, { ...resolver, [name]: value })).toThrow(
      `requireBearer: "issuers.${name}" must be ${must}`,
    )
  })

  it.each([
    ['forbidPrivateNetwork', 'forbidPrivateNetworks'],
    ['ttlSecond', 'ttlSeconds'],
    ['maxStaleSecs', 'maxStaleSeconds'],
  ])('refuses the misspelt %s, which would forbid nothing', (name, meant) => {
    expect(() => compileResolver(check, { ...resolver, [name]: true })).toThrow(
      `requireBearer: unknown option "issuers.${name}". Did you mean "issuers.${meant}"?`,
    )
  })

  it("leaves members alone that are the app's own", () => {
    const own = { database: {}, issuers: new Map(), networks: [], find: () => 1, resolveAll: 1 }
    expect(() => compileResolver(check, { ...resolver, ...own })).not.toThrow()
  })

  it('reads an instance of a class', () => {
    class Tenants implements IssuerResolver {
      readonly ttlSeconds = 60
      allow(): boolean {
        return true
      }
      async resolve(): Promise<undefined> {}
    }
    expect(compileResolver(check, new Tenants()).lifetime.ttlMs).toBe(60_000)
  })
})

it.each([
  [{ allow() {}, resolve() {} }, true],
  [{ allow() {} }, false],
  [{ resolve() {} }, false],
  [[], false],
  [null, false],
])('isResolver: %p, %p', (value, expected) => {
  expect(isResolver(value)).toBe(expected)
})
