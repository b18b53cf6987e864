import { generateKeyPairSync } from 'node:crypto'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { importKeySet, keyIdsOf } from '../../../lib/keys/key-set.js'

type Members = Readonly<Record<string, unknown>>

const EC: Members = { kty: 'EC', crv: 'P-256', y: longNumber(32) }

let rsa: Members

beforeAll(() => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  rsa = { ...publicKey.export({ format: 'jwk' }), kid: 'rsa' }
})

/** A number of that many bytes, and odd: nothing but its length is against it. */
function longNumber(bytes: number): string {
  return Buffer.alloc(bytes, 0xff).toString('base64url')
}

describe('importKeySet: members that are long', () => {
  it.each<[string, Members, RegExp]>([
    ['an exponent of 385 kB', { e: longNumber(385_000) }, /"e" is longer than 7 characters/],
    ['an exponent of 6 bytes', { e: longNumber(6) }, /"e" is longer than 7 characters/],
    ['a modulus of 385 kB', { n: longNumber(385_000) }, /"n" is longer than 1367 characters/],
    ['a coordinate of 34 bytes (7518-06)', { ...EC, x: longNumber(34) }, /"x" is longer than 44 c/],
    ['a kid of 500 kB', { kid: 'k'.repeat(500_000) }, /"kid" is longer than 512 characters/],
    ['an issuer of 500 kB', { issuer: 'i'.repeat(500_000) }, /"issuer" is longer than 512 char/],
    ['a type of 500 kB', { kty: 'R'.repeat(500_000) }, /"kty" is longer than 512 characters/],
  ])(
    'leaves out %s before a parser sees it: the process never stands still',
    (_name, long, why) => {
      const began = performance.now()
      expect(() => importKeySet({ keys: [{ ...rsa, ...long }] })).toThrow(why)
      expect(performance.now() - began).toBeLessThan(250)
    },
  )

  it('takes an exponent and a modulus with a leading zero byte, and a kid of 512 characters', () => {
    const signed = (name: string): string =>
      Buffer.concat([Buffer.alloc(1), Buffer.from(String(rsa[name]), 'base64url')]).toString(
        'base64url',
      )
    const kid = 'k'.repeat(512)
    const keys = importKeySet({ keys: [{ ...rsa, e: signed('e'), n: signed('n'), kid }] })
    expect(keyIdsOf(keys)).toEqual([kid])
  })
})
