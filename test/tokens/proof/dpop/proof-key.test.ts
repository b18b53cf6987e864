import { createHash, generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { AuthError } from '../../../../lib/core/verdicts/errors.js'
import {
  ProofKeys,
  readProofKey,
  type ProofKey,
} from '../../../../lib/tokens/proof/dpop/proof-key.js'

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = pair.publicKey.export({ format: 'jwk' })
const full = pair.privateKey.export({ format: 'jwk' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
const okp = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
const GOOD = { typ: 'dpop+jwt', alg: 'ES256', jwk }

const read = (header: object): ProofKey | AuthError =>
  readProofKey(header as Record<string, unknown>, new Set(['ES256', 'RS256', 'EdDSA']))

describe('the key of a proof', () => {
  it.each<[string, JsonWebKey, string[]]>([
    ['ES256', jwk, ['crv', 'kty', 'x', 'y']],
    ['RS256', rsa, ['e', 'kty', 'n']],
    ['EdDSA', okp, ['crv', 'kty', 'x']],
  ])('of %s is named by its required members, in their order', (alg, key, members) => {
    const header = { ...GOOD, alg, jwk: { ...key, kid: 'x', use: 'sig' } }
    const required = JSON.stringify(Object.fromEntries(members.map((name) => [name, key[name]])))
    expect(read(header)).toMatchObject({
      header,
      algorithm: alg,
      thumbprint: createHash('sha256').update(required).digest('base64url'),
    })
  })

  it.each<[string, object, RegExp]>([
    ['of another type', { ...GOOD, typ: 'JWT' }, /"typ" is not dpop\+jwt/],
    ['of no type', { ...GOOD, typ: undefined }, /"typ"/],
    [
      'of an algorithm that is not taken',
      { ...GOOD, alg: 'ES384' },
      /not one of "dpop.algorithms"/,
    ],
    ['of no algorithm', { ...GOOD, alg: 'none' }, /"alg"/],
    ['with an extension', { ...GOOD, crit: ['b64'] }, /demands an extension/],
    ['that is not encoded', { ...GOOD, b64: false }, /demands an extension/],
    ['without a key', { ...GOOD, jwk: undefined }, /has no "jwk"/],
    ['with a key that is none', { ...GOOD, jwk: 'x' }, /has no "jwk"/],
    [
      'with a private key',
      { ...GOOD, jwk: full },
      /private members. That key is no secret any more/,
    ],
    ['with a shared secret', { ...GOOD, jwk: { kty: 'oct', k: 'AAAA' } }, /private members/],
    ['with a key of another algorithm', { ...GOOD, alg: 'RS256' }, /"alg" does not fit its "jwk"/],
    [
      'with a point that is not on the curve',
      { ...GOOD, jwk: { ...jwk, x: jwk.y } },
      /"jwk" is unusable/,
    ],
    ['with a key of an unknown kind', { ...GOOD, jwk: { kty: 'XX' } }, /"jwk" is unusable/],
    ['with members that are inherited', Object.create(GOOD) as object, /"typ"/],
  ])('is refused %s', (_name, header, detail) => {
    expect(read(header)).toBeInstanceOf(AuthError)
    expect(read(header)).toMatchObject({
      reason: 'malformed_proof',
      detail: expect.stringMatching(detail),
    })
  })

  it.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])(
    'is refused with the private member %s',
    (name) => {
      expect(read({ ...GOOD, jwk: { ...jwk, [name]: 'AQ' } })).toMatchObject({
        detail: expect.stringMatching(/private members/),
      })
    },
  )
})

describe('keys of clients', () => {
  const key = read(GOOD) as ProofKey

  it('are known by their header once they were remembered', () => {
    const keys = new ProofKeys()
    expect(keys.get('a')).toBeUndefined()
    keys.remember('a', key)
    keys.remember('a', { ...key, algorithm: 'other' })
    expect(keys.get('a')).toBe(key)
  })

  it('are a thousand, of which the oldest goes', () => {
    const keys = new ProofKeys()
    for (let n = 0; n < 1000; n += 1) keys.remember(`${n}`, key)
    expect(keys.get('0')).toBe(key)
    keys.remember('one more', key)
    expect([keys.get('0'), keys.get('1'), keys.get('one more')]).toEqual([undefined, key, key])
  })
})
