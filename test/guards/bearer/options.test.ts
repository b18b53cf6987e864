import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import {
  cacheLimits,
  KNOWN_BEARER_OPTIONS,
  ownVerifier,
} from '../../../lib/guards/bearer/options.js'

const check = optionCheck('requireBearer')
const verify = (): undefined => undefined

describe('a verifier of the app', () => {
  it('is the one that was given', () => {
    const verifier = { verify }
    const options = { verifier: verifier as never, audience: undefined }
    expect(ownVerifier(check, options as never)).toBe(verifier)
  })

  it.each<[unknown]>([[undefined], [null], [verify], [{}], [{ verify: true }], [[{ verify }]]])(
    'is refused where it is %p',
    (verifier) => {
      expect(() => ownVerifier(check, { verifier: verifier as never })).toThrow(
        'requireBearer: "verifier" must have a function verify(token, head)',
      )
    },
  )

  it.each([
    ['issuer', 'https://id.test'],
    ['audience', 'https://api.test'],
    ['issuers', []],
    ['verifiedTokens', false],
    ['introspection', {}],
    ['jwks', { keys: [] }],
  ])('has no "%s" beside it', (name, value) => {
    expect(() => ownVerifier(check, { verifier: { verify } as never, [name]: value })).toThrow(
      `requireBearer: "${name}" must be left out beside "verifier", which judges tokens itself`,
    )
  })

  it.each(['realm', 'cookie', 'throttle', 'dpop'])('may have "%s" beside it', (name) => {
    expect(() => ownVerifier(check, { verifier: { verify } as never, [name]: 'x' })).not.toThrow()
  })
})

describe('the memory of verified signatures', () => {
  it.each<[Parameters<typeof cacheLimits>[1], object | undefined]>([
    [undefined, { maxEntries: 10_000, maxBytes: 50_331_648 }],
    [{}, { maxEntries: 10_000, maxBytes: 50_331_648 }],
    [{ maxEntries: 1 }, { maxEntries: 1, maxBytes: 50_331_648 }],
    [{ maxBytes: 2_147_483_648 }, { maxEntries: 10_000, maxBytes: 2_147_483_648 }],
    [{ maxEntries: 1_000_000 }, { maxEntries: 1_000_000, maxBytes: 50_331_648 }],
    [false, undefined],
  ])('of %j is %j', (option, limits) => {
    expect(cacheLimits(check, option)).toEqual(limits)
  })

  it.each<[unknown, string]>([
    [true, '"verifiedTokens" must be an object'],
    [{ entries: 5 }, 'unknown option "verifiedTokens.entries"'],
    [{ maxEntries: 0 }, '"verifiedTokens.maxEntries" must be a whole number from 1 to 1000000'],
    [{ maxEntries: 1.5 }, '"verifiedTokens.maxEntries" must be a whole number'],
    [{ maxEntries: 1_000_001 }, '"verifiedTokens.maxEntries" must be a whole number'],
    [{ maxBytes: 0 }, '"verifiedTokens.maxBytes" must be a whole number from 1 to 2147483648'],
    [{ maxBytes: 2_147_483_649 }, '"verifiedTokens.maxBytes" must be a whole number'],
  ])('of %j is refused', (option, complaint) => {
    expect(() => cacheLimits(check, option as never)).toThrow(`requireBearer: ${complaint}`)
  })
})

describe('the names of options', () => {
  it.each([
    'issuer',
    'audience',
    'issuers',
    'verifier',
    'cookie',
    'header',
    'introspection',
    'optional',
    'verifiedTokens',
    'maxTokenChars',
    'throttle',
    'realm',
    'errorFormat',
    'clock',
    'onEvent',
    'advice',
    'onRefuse',
    'origin',
    'dpop',
    'mtls',
    'cookie.trustedOrigins',
    'header.scheme',
    'header.name',
    'dpop.mode',
    'introspection.for',
  ])('hold %s, so that it can be given or guessed', (name) => {
    expect(KNOWN_BEARER_OPTIONS).toContain(name)
  })
})
