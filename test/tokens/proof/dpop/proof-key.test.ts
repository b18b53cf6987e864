import { createHash, generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { beforeEach, describe, expect, it } from '@jest/globals'
import {
  ProofKeys,
  readProofKey,
  type ProofKey,
} from '../../../../lib/tokens/proof/dpop/proof-key.js'

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
const okp = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
const HEADER = { typ: 'dpop+jwt', alg: 'ES256', jwk: publicKey.export({ format: 'jwk' }) }
const read = (changes: object = {}): ReturnType<typeof readProofKey> =>
  readProofKey({ ...HEADER, ...changes }, new Set(['ES256', 'RS256', 'EdDSA']))

describe('the key in the header of a proof', () => {
  it('is kept without anything else that a client writes there', () => {
    expect(Object.keys(read({ more: [[], []] }))).toEqual(['algorithm', 'keyObject', 'thumbprint'])
  })

  it.each<[string, object, string]>([
    ['another typ', { typ: 'JWT' }, 'its "typ" is not dpop+jwt'],
    ['no typ', { typ: undefined }, 'its "typ" is not dpop+jwt'],
    ['none', { alg: 'none' }, 'its "alg" is not one of "dpop.algorithms"'],
    ['an algorithm that is not allowed', { alg: 'ES384' }, 'its "alg" is not one of'],
    ['an algorithm that is no string', { alg: ['ES256'] }, 'its "alg" is not one of'],
    ['an algorithm of another kind of key', { alg: 'RS256' }, 'its "alg" does not fit its "jwk"'],
    ['crit', { crit: [] }, 'its header demands an extension'],
    ['b64', { b64: true }, 'its header demands an extension'],
    ['no key', { jwk: undefined }, 'its header has no "jwk"'],
    ['a key that is a text', { jwk: 'key' }, 'its header has no "jwk"'],
    ['a key that is none', { jwk: { kty: 'EC' } }, 'its "jwk" is unusable'],
    ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].map<[string, object, string]>((name) => [
      `the private member ${name}`,
      { jwk: { ...HEADER.jwk, [name]: 'AA' } },
      'its "jwk" has private members',
    ]),
  ])('is refused with %s', (_what, changes, detail) => {
    expect(read(changes)).toMatchObject({
      code: 'invalid_dpop_proof',
      reason: 'malformed_proof',
      detail: expect.stringContaining(detail),
    })
  })

  it.each(['x', 'y'] as const)('is the same where %s lacks its leading zero (7518-06)', (name) => {
    const jwk = keyWithZero(name)
    const short = Buffer.from(jwk[name]!, 'base64url').subarray(1).toString('base64url')
    const { thumbprint } = read({ jwk }) as ProofKey
    expect(read({ jwk: { ...jwk, [name]: short } })).toMatchObject({ thumbprint })
  })

  it.each<[string, JsonWebKey, string[]]>([
    ['ES256', HEADER.jwk, ['crv', 'kty', 'x', 'y']],
    ['RS256', rsa, ['e', 'kty', 'n']],
    ['EdDSA', okp, ['crv', 'kty', 'x']],
  ])(
    'of %s has the thumbprint of RFC 7638, over its required members alone',
    (alg, key, members) => {
      const required = JSON.stringify(Object.fromEntries(members.map((name) => [name, key[name]])))
      expect(read({ alg, jwk: { ...key, kid: 'x', use: 'sig' } })).toMatchObject({
        algorithm: alg,
        thumbprint: createHash('sha256').update(required).digest('base64url'),
      })
    },
  )
})

/** A key of which this coordinate begins with a zero byte: one in 256. */
function keyWithZero(name: 'x' | 'y'): JsonWebKey {
  for (;;) {
    const { publicKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = key.export({ format: 'jwk' })
    if (Buffer.from(jwk[name]!, 'base64url')[0] === 0) return jwk
  }
}

describe('the keys of clients', () => {
  const key = read() as ProofKey
  let keys: ProofKeys

  beforeEach(() => void (keys = new ProofKeys()))

  it('are found by the header that they came in', () => {
    keys.remember('header', key)
    expect([keys.get('header'), keys.get('heade')]).toEqual([key, undefined])
  })

  it('are a thousand at most, and the oldest goes', () => {
    for (let at = 0; at <= 1000; at += 1) keys.remember(`h${at}`, key)
    expect([keys.get('h0'), keys.get('h1'), keys.get('h1000')]).toEqual([undefined, key, key])
  })

  it('are not remembered again, which would send another one away', () => {
    for (let at = 0; at < 1000; at += 1) keys.remember(`h${at}`, key)
    keys.remember('h5', key)
    expect(keys.get('h0')).toBe(key)
  })

  it('are not remembered by a header that brings something else along', () => {
    keys.remember('h'.repeat(1501), key)
    keys.remember('h'.repeat(1500), key)
    expect([keys.get('h'.repeat(1501)), keys.get('h'.repeat(1500))]).toEqual([undefined, key])
  })
})
