import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import {
  importKeySet,
  importKeySetInTurns,
  keyIdsOf,
  matchingKeys,
  type KeySet,
} from '../../lib/keys/key-set.js'
import { pinAlgorithm } from '../../lib/keys/jwk/verification-key.js'
import { ROCA_PRIMORIAL } from '../support/roca.js'

type Members = Readonly<Record<string, unknown>>

let rsa: Members
let ec: Members
let okp: Members

/** A fresh public RSA key as a JWK, of any size and exponent. */
function rsaJwk(modulusLength: number, publicExponent = 65_537): Members {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent })
  return { ...publicKey.export({ format: 'jwk' }), kid: 'weak' }
}

beforeAll(() => {
  rsa = { ...rsaJwk(2048), kid: 'rsa' }
  const ecPair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  ec = { ...ecPair.publicKey.export({ format: 'jwk' }), kid: 'ec' }
  okp = { ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), kid: 'okp' }
})

/** Kids of the usable keys of a set that holds a good key and these members. */
function usable(...members: unknown[]): readonly (string | undefined)[] {
  const set = importKeySet({ keys: [{ ...okp, kid: 'good' }, ...members] })
  return set.keys.map((key) => key.keyId)
}

/** What a set with these members says of the first of them. */
function complaint(member: unknown): string {
  return importKeySet({ keys: [okp, member] }).ignored.join('\n')
}

describe('importKeySet: the set', () => {
  it.each([
    ['a list', []],
    ['an empty object', {}],
    ['keys that are an object', { keys: {} }],
    ['null', null],
    ['a string', '{"keys":[]}'],
    ['no keys at all', { keys: [] }],
    ['only keys we cannot use', { keys: [null, 1, 'x', {}, { kty: 'oct' }] }],
  ])('refuses %s (7517-01)', (_name, body) => {
    expect(() => importKeySet(body)).toThrow(/JWKS/)
  })

  it('says of a set without a usable key what is wrong with each', () => {
    expect(() => importKeySet({ keys: [] })).toThrow(/^The JWKS has no usable signing key\.$/)
    expect(() => importKeySet({ keys: [null, { kty: 'oct' }] })).toThrow(
      /^The JWKS has no usable signing key\. key 0: not an object; key 1: a symmetric key$/,
    )
  })

  it('names its keys for events, those without a kid too', () => {
    const { kid: _, ...nameless } = okp
    expect(keyIdsOf(importKeySet({ keys: [rsa, nameless] }))).toEqual(['rsa', '(no kid)'])
  })

  it('takes as many keys as there are, and names the first hundred that it ignores', () => {
    const set = importKeySet({ keys: [...many(2000), ...Array.from({ length: 150 }, () => null)] })
    expect(set.keys).toHaveLength(2000)
    expect(set.ignored).toHaveLength(100)
  })
})

describe('importKeySetInTurns', () => {
  /** As if each key took 2 ms to import, as a large one does with some versions of OpenSSL. */
  beforeEach(() => {
    let now = 0
    jest.spyOn(performance, 'now').mockImplementation(() => (now += 2))
  })
  afterEach(() => {
    jest.restoreAllMocks()
  })

  it('imports the same keys, and lets the event loop turn meanwhile', async () => {
    let turns = 0
    let importing = true
    const count = (): void => {
      turns += 1
      if (importing) setImmediate(count)
    }
    setImmediate(count)
    const { keys } = await importKeySetInTurns(
      { keys: many(100) },
      undefined,
      new AbortController().signal,
    )
    importing = false
    expect(keys).toHaveLength(100)
    expect(turns).toBeGreaterThan(20)
  })

  it('ends with the deadline of the refresh', async () => {
    const importing = importKeySetInTurns({ keys: many(100) }, undefined, AbortSignal.abort())
    await expect(importing).rejects.toThrow(/^The JWKS has too many keys to import in time$/)
  })
})

describe('importKeySet: members that are left out', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['null (7517-02)', () => null, /not an object/],
    ['a list (7517-02)', () => [], /not an object/],
    ['an unknown kty (7517-02)', () => ({ kty: 'FOO' }), /type or curve/],
    ['a kty that is no string', () => ({ kty: ['RSA'] }), /"kty" is not a string/],
    ['a kty by inheritance', () => ({ kty: 'constructor', crv: 'x' }), /type or curve/],
    ['a symmetric key (7517-12)', () => ({ kty: 'oct', k: null }), /symmetric/],
    ['RSA without e (7517-02)', () => ({ kty: 'RSA', n: rsa['n'] }), /no "e"/],
    ['RSA without n (7517-02)', () => ({ kty: 'RSA', e: 'AQAB' }), /no "n"/],
    ['EC without y (7517-02)', () => ({ ...ec, y: undefined }), /no "y"/],
    ['use "enc" (7517-03, DISC-04)', () => ({ ...rsa, use: 'enc' }), /not for signatures/],
    ['a use that is no string', () => ({ ...rsa, use: ['sig'] }), /"use" is not a string/],
    ['key_ops without verify (7517-03)', () => ({ ...rsa, key_ops: ['encrypt'] }), /key_ops/],
    ['key_ops that is no list', () => ({ ...rsa, key_ops: 'verify' }), /key_ops/],
    [
      'use "sig" with key_ops of encryption (7517-04)',
      () => ({ ...rsa, use: 'sig', key_ops: ['verify', 'encrypt'] }),
      /contradict/,
    ],
    ['an alg of encryption', () => ({ ...rsa, alg: 'RSA-OAEP' }), /"alg"/],
    ['an alg of another type (7518-05)', () => ({ ...rsa, alg: 'ES256' }), /"alg"/],
    ['an alg of another curve (7518-05)', () => ({ ...ec, alg: 'ES384' }), /"alg"/],
    ['HS256 on a public key (8725-06)', () => ({ ...rsa, alg: 'HS256' }), /"alg"/],
    ['alg none (7518-01)', () => ({ ...rsa, alg: 'none' }), /"alg"/],
    ['a kid that is no string', () => ({ ...rsa, kid: 7 }), /"kid" is not a string/],
    ['the curve P-256K', () => ({ ...ec, crv: 'secp256k1' }), /type or curve/],
    ['a key for agreement', () => ({ ...okp, crv: 'X25519' }), /type or curve/],
    ['EC on an Edwards curve', () => ({ ...ec, crv: 'Ed25519' }), /type or curve/],
    ['a point off the curve (7518-06)', () => ({ ...ec, y: flipped(ec['y']) }), /.+/],
    ['the point at infinity (7518-06)', () => ({ ...ec, x: zeros(32), y: zeros(32) }), /.+/],
    ['a short coordinate of no point (7518-06)', () => ({ ...ec, x: zeros(31) }), /.+/],
    ['an empty coordinate (7518-06)', () => ({ ...ec, x: '' }), /it has no "x"/],
    [
      'a coordinate with a byte more',
      () => ({ ...ec, x: `_w${'A'.repeat(42)}` }),
      /33 bytes in place of 32/,
    ],
    ['an Ed25519 key of 31 bytes', () => ({ ...okp, x: zeros(31) }), /31 bytes in place of 32/],
    ['P-384 with coordinates of P-256', () => ({ ...ec, crv: 'P-384' }), /.+/],
  ])('%s', (_name, member, reason) => {
    expect(usable(member())).toEqual(['good'])
    expect(complaint(member())).toMatch(reason)
  })

  it('is a new set once the issuer mends a member, or drops it', () => {
    const broken = importKeySet({ keys: [okp, { kty: 'FOO', kid: 'a' }] })
    expect(importKeySet({ keys: [okp, { kty: 'FOO', kid: 'a' }] }, broken)).toBe(broken)
    const dropped = importKeySet({ keys: [okp] }, broken)
    expect([...broken.ignoredByKeyId.keys(), ...dropped.ignoredByKeyId.keys()]).toEqual(['a'])
    expect(dropped.keys[0]).toBe(broken.keys[0])
  })

  it('an Ed25519 key of small order', () => {
    const weak = { ...okp, x: zeros(32) }
    expect(usable(weak)).toEqual(['good'])
    expect(complaint(weak)).toMatch(/small order/)
  })

  it.each([
    ['padding', (value: string) => `${value}=`],
    ['the standard alphabet', (value: string) => `+${value.slice(1)}`],
    ['white space', (value: string) => `${value.slice(0, 4)}\n${value.slice(4)}`],
    ['spare bits', (value: string) => `${value.slice(0, -1)}${value.endsWith('B') ? 'C' : 'B'}`],
  ])('refuses %s in a member: one key has one spelling', (_name, spoil) => {
    const spare = { ...okp, x: spoil(String(okp['x'])), kid: 'odd' }
    expect(usable(spare)).toEqual(['good'])
    expect(complaint(spare)).toMatch(/not base64url|longer than 43 characters/)
  })
})

describe('importKeySet: the strength of RSA keys', () => {
  it.each([1024, 2040])('leaves out a modulus of %d bits (7518-02)', (bits) => {
    expect(complaint(rsaJwk(bits))).toMatch(`${bits} bits`)
  })

  it('leaves out a modulus above 8192 bits, which would make each check slow', () => {
    const n = Buffer.alloc(1025, 0xff).toString('base64url')
    expect(complaint({ ...rsa, n })).toMatch('8200 bits')
  })

  it('leaves out a modulus that the generator of CVE-2017-15361 made', () => {
    const multiple = ROCA_PRIMORIAL * ((1n << 2047n) / ROCA_PRIMORIAL + 1n)
    const modulus = multiple + (65_537n ** 1000n % ROCA_PRIMORIAL)
    const n = Buffer.from(modulus.toString(16), 'hex').toString('base64url')
    expect(complaint({ ...rsa, n })).toMatch(/CVE-2017-15361/)
  })

  it.each([
    ['65537', 'AQAB'],
    ['2^32 - 1', '_____w'],
  ])('takes the exponent %s', (_name, e) => {
    expect(usable({ ...rsa, e })).toEqual(['good', 'rsa'])
  })

  it('takes 8192 bits', () => {
    const n = Buffer.alloc(1024, 0xff).toString('base64url')
    expect(usable({ ...rsa, n })).toEqual(['good', 'rsa'])
  })

  it.each([
    ['1', 'AQ'],
    ['3', 'Aw'],
    ['even', 'AQAC'],
    ['above 2^32', 'AQAAAAE'],
    ['huge', Buffer.alloc(256, 0xff).toString('base64url')],
  ])('leaves out an exponent that is %s', (_name, e) => {
    expect(usable({ ...rsa, e })).toEqual(['good'])
  })
})

describe('importKeySet: what a key may verify', () => {
  it('only its own alg, where it has one (7517-05, 8725-03)', () => {
    expect(algorithmsOf({ ...rsa, alg: 'PS256' })).toEqual(['PS256'])
  })

  it('what fits its type and curve, where it has none (7517-06)', () => {
    expect(algorithmsOf(rsa)).toEqual(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'])
    expect(algorithmsOf(ec)).toEqual(['ES256'])
    for (const [namedCurve, algorithm] of [
      ['P-384', 'ES384'],
      ['P-521', 'ES512'],
    ] as const) {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve })
      expect(algorithmsOf(publicKey.export({ format: 'jwk' }))).toEqual([algorithm])
    }
  })

  it('signatures, where its "key_ops" say so, whatever else they say without a "use"', () => {
    expect(usable({ ...rsa, key_ops: ['encrypt', 'verify'] })).toEqual(['good', 'rsa'])
    expect(usable({ ...rsa, use: 'sig', key_ops: ['verify', 'sign'] })).toEqual(['good', 'rsa'])
  })

  it('either name of Ed25519 (7518-08)', () => {
    expect(algorithmsOf({ ...okp, alg: 'EdDSA' })).toEqual(['EdDSA', 'Ed25519'])
    expect(algorithmsOf({ ...okp, alg: 'Ed25519' })).toEqual(['EdDSA', 'Ed25519'])
  })

  it('never reads certificates: the bare key counts (7517-11)', () => {
    const set = importKeySet({ keys: [{ ...rsa, x5c: ['AAAA'], x5t: 'AAAA', x5u: 'http://x' }] })
    expect(set.keys[0]!.keyObject.export({ format: 'jwk' })['n']).toBe(rsa['n'])
  })
})

describe('matchingKeys', () => {
  it('finds keys of one kid and different types (7517-07)', () => {
    const set = importKeySet({
      keys: [
        { ...rsa, kid: '1' },
        { ...ec, kid: '1' },
      ],
    })
    const types = matchingKeys(set, '1').map((key) => key.keyObject.asymmetricKeyType)
    expect(types).toEqual(['rsa', 'ec'])
  })

  it('finds every key for a token without kid (7517-08)', () => {
    const { kid: _, ...nameless } = okp
    const set = importKeySet({ keys: [rsa, nameless] })
    expect(matchingKeys(set, undefined)).toHaveLength(2)
  })

  it.each(['', '__proto__', 'constructor', "' OR 1=1", 'RSA'])(
    'finds nothing for the kid "%s" (8725-19)',
    (kid) => {
      expect(matchingKeys(importKeySet({ keys: [rsa] }), kid)).toEqual([])
    },
  )
})

describe('importKeySet: from one set to the next', () => {
  it('is the same set where the keys are the same, in whatever order and company', () => {
    const set = importKeySet({ keys: [rsa, ec] })
    expect(next(set, ec, { ...rsa, x5t: 'AAAA' }, { kty: 'FOO' })).toBe(set)
  })

  it('has a higher generation where a key came, went or changed', () => {
    const set = importKeySet({ keys: [rsa, ec] })
    expect(next(set, rsa, ec, okp).generation).toBe(2)
    expect(next(set, rsa).generation).toBe(2)
    expect(next(set, rsa, { ...ec, kid: 'other' }).generation).toBe(2)
    expect(next(set, { ...rsa, alg: 'RS256' }, ec).generation).toBe(2)
  })

  it('takes over the keys it shares, and with them the algorithm they were used with', () => {
    const set = importKeySet({ keys: [rsa] })
    pinAlgorithm(set.keys[0]!, 'PS256')
    const [kept] = next(set, rsa, ec).keys
    expect(kept).toBe(set.keys[0])
    expect([...kept!.algorithms]).toEqual(['PS256'])
  })
})

function flipped(value: unknown): string {
  const bytes = Buffer.from(String(value), 'base64url')
  bytes[31] = bytes[31]! ^ 1
  return bytes.toString('base64url')
}

function zeros(count: number): string {
  return Buffer.alloc(count).toString('base64url')
}

function many(count: number): readonly Members[] {
  return Array.from({ length: count }, (_, index) => ({ ...okp, kid: `k${index}` }))
}

function algorithmsOf(member: unknown): readonly string[] {
  return [...importKeySet({ keys: [member] }).keys[0]!.algorithms]
}

function next(set: KeySet, ...keys: unknown[]): KeySet {
  return importKeySet({ keys }, set)
}
