import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { compileKeyCache } from '../../../../lib/tokens/issuers/policy/key-cache.js'

const compile = (keyCache: unknown): unknown =>
  compileKeyCache(optionCheck('requireBearer'), keyCache as object)

const DEFAULTS = {
  ttlSeconds: undefined,
  maxStaleSeconds: 3600,
  refetchBurst: 5,
  refetchIntervalSeconds: 30,
  timeoutMs: 2500,
  maxBytes: 524_288,
}

describe('keyCache', () => {
  it.each([
    ['ttlSeconds', [0, -1, Number.NaN, Infinity, '600', null]],
    ['maxStaleSeconds', [-1, Number.NaN, Infinity, '600']],
    ['refetchBurst', [0, 1001, Number.NaN, '5']],
    ['refetchIntervalSeconds', [0, -1, Infinity, '30']],
    ['timeoutMs', [0, 49, 60_001, '2500']],
    ['maxBytes', [0, 1023, 16_777_217, '512kb']],
  ])('refuses a bad %s', (name, values) => {
    for (const value of values) {
      expect(() => compile({ [name]: value })).toThrow(
        new RegExp(`^requireBearer: "keyCache.${name}" must be a number from `),
      )
    }
  })

  it('has a default for each option but the lifetime, which the answer says', () => {
    expect(compile({})).toStrictEqual(DEFAULTS)
    expect(compile({ maxStaleSeconds: undefined, maxBytes: undefined })).toStrictEqual(DEFAULTS)
  })

  it('takes each option, and fractions', () => {
    const given = {
      ttlSeconds: 0.5,
      maxStaleSeconds: 0,
      refetchBurst: 1.5,
      refetchIntervalSeconds: 0.1,
      timeoutMs: 50,
      maxBytes: 1024,
    }
    expect(compile(given)).toStrictEqual(given)
  })

  it('guesses what a misspelt option was meant to be', () => {
    expect(() => compile({ maxStaleSecond: 1 })).toThrow(/Did you mean "keyCache.maxStaleSeconds"/)
  })

  it.each([[7], ['600'], [[]]])('refuses %j for options', (keyCache) => {
    expect(() => compile(keyCache)).toThrow(/"keyCache" must be an object/)
  })
})
