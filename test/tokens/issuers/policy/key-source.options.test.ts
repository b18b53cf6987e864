import { generateKeyPairSync } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { afterEach, describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import type { KeySource } from '../../../../lib/keys/key-source.js'
import { createKeySource } from '../../../../lib/tokens/issuers/policy/key-source.js'
import { manualTimer } from '../../../support/manual-timer.js'

const ISSUER = 'https://id.test'
const SECRET = Buffer.alloc(32, 1)
const { publicKey } = generateKeyPairSync('ed25519')
const JWKS = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'a' }] }
const made: KeySource[] = []

afterEach(() => {
  for (const source of made.splice(0)) source.close()
})

/** A source by these options, some of which the types would not allow. */
function sourceOf(options: object, issuer = ISSUER): KeySource {
  const context = { check: optionCheck('requireBearer'), timer: manualTimer(), emit() {} }
  const source = createKeySource({ issuer, ...options } as never, [issuer], context)
  made.push(source)
  return source
}

describe('createKeySource', () => {
  it.each<[string, object, string]>([
    ['a shared secret', { secret: SECRET }, 'fresh'],
    ['keys that the app gives', { jwks: JWKS }, 'fresh'],
    ['keys that a function of the app gives', { jwks: () => JWKS }, 'empty'],
    ['keys that are fetched', {}, 'empty'],
    ['keys that a function of the app fetches', { fetchKeys: () => JWKS }, 'empty'],
  ])('makes a source of %s', (_what, options, state) => {
    expect(sourceOf(options).status().state).toBe(state)
  })

  it.each<[string, object]>([
    ['jwks', { jwks: () => JWKS }],
    ['fetchKeys', { jwksUri: `${ISSUER}/jwks`, fetchKeys: () => JWKS }],
  ])('asks the function "%s" for keys, and no network', async (_name, options) => {
    expect(await sourceOf(options).find('a')).toHaveLength(1)
  })

  it.each<[string, object]>([
    ['a secret', { secret: SECRET }],
    ['keys that the app gives', { jwks: JWKS }],
  ])('refuses "keyCache" beside %s: nothing is fetched', (_what, options) => {
    expect(() => sourceOf({ ...options, keyCache: {} })).toThrow(
      '"keyCache" must be left out where nothing is fetched',
    )
  })

  it.each<[object]>([[{ jwks: () => JWKS }], [{}], [{ fetchKeys: () => JWKS }]])(
    'takes "keyCache" where keys are asked for: %j',
    (options) => {
      expect(() => sourceOf({ ...options, keyCache: { ttlSeconds: 60 } })).not.toThrow()
    },
  )

  it.each<[object]>([[{ secret: SECRET }], [{ jwks: JWKS }], [{ jwks: () => JWKS }], [{}]])(
    'checks "network" in each case: %j',
    (options) => {
      expect(() => sourceOf({ ...options, network: { unknown: 1 } })).toThrow(
        /unknown option "network\.unknown"/,
      )
    },
  )

  it.each(['ca', 'headers', 'proxy'])('refuses "network.%s" where the app fetches', (name) => {
    const values: Readonly<Record<string, unknown>> = {
      ca: rootCertificates[0],
      headers: () => ({}),
      proxy: false,
    }
    const network = { [name]: values[name] }
    expect(() => sourceOf({ fetchKeys: () => JWKS, network })).toThrow(
      `"network.${name}" must be left out where "fetchKeys" does the fetching`,
    )
    expect(() => sourceOf({ fetchKeys: () => JWKS, network: {} })).not.toThrow()
  })

  it('refuses a "fetchKeys" that is no function, by its name', () => {
    expect(() => sourceOf({ fetchKeys: 'x' })).toThrow(/"fetchKeys" must be a function/)
  })

  it.each<[object, string, boolean]>([
    [{}, 'issuer', true],
    [{ jwksUri: 'http://id.test/jwks' }, 'jwksUri', false],
    [{ discoveryUrl: 'http://id.test/about' }, 'discoveryUrl', false],
  ])(
    'tells of a place that is never asked at the start, with the way out: %j',
    (options, name, hint) => {
      const make = (): unknown => sourceOf(options, 'http://id.test')
      expect(make).toThrow(`"${name}" must be an https URL without credentials`)
      const wayOut = /Where the keys are elsewhere, give "jwksUri" or "discoveryUrl"/
      let message = ''
      try {
        make()
      } catch (error) {
        message = String(error)
      }
      expect(wayOut.test(message)).toBe(hint)
    },
  )

  it.each<[unknown, string]>([
    [{ keys: [] }, '"jwks" must hold a usable key'],
    [[], '"jwks" must'],
    ['{}', '"jwks" must'],
  ])('refuses the JWKS %j, and does not show what may be a private key', (jwks, must) => {
    expect(() => sourceOf({ jwks })).toThrow(must)
  })
})
