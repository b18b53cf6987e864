import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { RefetchOverBudget, KeysUnavailable, staticKeySource } from '../../lib/keys/key-source.js'

const jwk = { ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), kid: 'a' }

describe('staticKeySource', () => {
  it('finds keys by kid, and all of them without one', async () => {
    const source = staticKeySource({ keys: [jwk, { ...jwk, kid: 'b' }] })
    expect(await source.find('a')).toHaveLength(1)
    expect(await source.find('x')).toHaveLength(0)
    expect(await source.find(undefined)).toHaveLength(2)
    expect(source.status()).toMatchObject({ state: 'fresh', keyIds: ['a', 'b'] })
  })

  it('tells how many keys a token without kid is not tried with at once', () => {
    const keys = Array.from({ length: 11 }, (_, index) => ({ ...jwk, kid: String(index) }))
    expect(staticKeySource({ keys }).status().keysBeyondTries).toBe(3)
  })

  it('refuses a private key: who configures it can mend it (7517-12)', () => {
    const keys = [jwk, { ...jwk, kid: 'b', d: 'AQAB' }]
    expect(() => staticKeySource({ keys })).toThrow(/gives away a private key \(member "d"\)/)
  })
})

it('a spent budget is an outage of keys', () => {
  expect(new RefetchOverBudget(7)).toMatchObject({ retryAfterSeconds: 7 })
  expect(new RefetchOverBudget(7)).toBeInstanceOf(KeysUnavailable)
})
