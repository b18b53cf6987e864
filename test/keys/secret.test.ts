import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../lib/core/options/option-check.js'
import {
  KeysUnavailable,
  WorkDenied,
  staticKeySource,
  type KeySource,
} from '../../lib/keys/key-source.js'
import { secretKeySource } from '../../lib/keys/secret.js'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const JWK = publicKey.export({ format: 'jwk' })
const check = optionCheck('requireBearer')

const SOURCES: readonly (readonly [string, () => KeySource, readonly string[]])[] = [
  ['a JWKS', () => staticKeySource({ keys: [{ ...JWK, kid: 'a' }] }), ['a']],
  ['a secret', () => secretKeySource(check, Buffer.alloc(32, 1)), []],
]

describe.each(SOURCES)('keys that never change: %s', (_name, create, keyIds) => {
  it('are there from the start, and for ever', async () => {
    const source = create()
    await expect(source.ready()).resolves.toBeUndefined()
    expect([source.generation(), source.status()]).toEqual([
      1,
      {
        state: 'fresh',
        generation: 1,
        keyIds,
        ageSeconds: undefined,
        usableSeconds: undefined,
        nextRefreshInSeconds: undefined,
        keysBeyondTries: 0,
        lastError: undefined,
      },
    ])
  })

  it('have no others that could have come since', async () => {
    const source = create()
    const keys = await source.find(undefined)
    expect(keys).toHaveLength(1)
    expect(await source.refetch((key) => !keys.includes(key))).toEqual([])
  })

  it('are vouched for until closed', async () => {
    const source = create()
    const [key] = await source.find(undefined)
    expect(source.holds(key!)).toBe(true)
    source.close()
    expect(source.holds(key!)).toBe(false)
  })
})

describe('staticKeySource', () => {
  it('finds by kid', async () => {
    const source = staticKeySource({ keys: [{ ...JWK, kid: 'a' }, JWK] })
    expect(await source.find('a')).toHaveLength(1)
    expect(await source.find('b')).toEqual([])
    expect(await source.find(undefined)).toHaveLength(2)
    expect(source.status().keyIds).toEqual(['a', '(no kid)'])
  })
})

describe('secretKeySource', () => {
  it.each([
    [32, ['HS256']],
    [47, ['HS256']],
    [48, ['HS256', 'HS384']],
    [63, ['HS256', 'HS384']],
    [64, ['HS256', 'HS384', 'HS512']],
    [128, ['HS256', 'HS384', 'HS512']],
  ])(
    'verifies with %d bytes %j, whose hash is no longer than that (7518-03)',
    async (bytes, algorithms) => {
      for (const secret of [Buffer.alloc(bytes, 1), createSecretKey(Buffer.alloc(bytes, 1))]) {
        const [key] = await secretKeySource(check, secret).find('whatever kid')
        expect([...key!.algorithms]).toEqual(algorithms)
        expect([key!.keyId, key!.issuer, key!.keyObject.type]).toEqual([
          undefined,
          undefined,
          'secret',
        ])
      }
    },
  )

  it.each([publicKey, privateKey, 'x'.repeat(64), { type: 'secret', symmetricKeySize: 64 }, null])(
    'refuses what is no secret key, and says nothing of its size: %#',
    (secret) => {
      expect(() => secretKeySource(check, secret)).toThrow(/of at least 32 random bytes$/)
    },
  )
})

it('"cannot know" and "may not ask" have names of their own', () => {
  const { name, message, retryAfterSeconds } = new KeysUnavailable('down', 7)
  expect([name, message, retryAfterSeconds]).toEqual(['KeysUnavailable', 'down', 7])
  expect(new WorkDenied().name).toBe('WorkDenied')
})
