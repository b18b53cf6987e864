import { constants, createHmac, createSecretKey, KeyObject, randomBytes, sign } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { isRecord } from '../../../lib/core/values.js'
import { importKeySet } from '../../../lib/keys/key-set.js'
import type { VerificationKey } from '../../../lib/keys/jwk/verification-key.js'
import { parseCompact } from '../../../lib/tokens/jwt/compact.js'
import { verifySignature } from '../../../lib/tokens/jwt/signature.js'
import { encode, forge, takeApart } from '../../support/forge.js'
import { createSigningKey, type SigningKey } from '../../../tools/issuer.js'
import { verdicts, verificationKeyOf } from '../../support/signature-oracle.js'
import { wycheproof } from '../../support/vectors.js'
import { FUZZ_RUNS } from '../../support/runs.js'
import { taken } from '../../support/policy.js'

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const EC = ['ES256', 'ES384', 'ES512']
const ALGORITHMS = [...RSA, ...EC, 'EdDSA', 'Ed25519']
const PAYLOAD = { iss: 'https://id.example.com', sub: 'user-1', exp: 1_900_000_000 }

/** Orders of the groups of P-256, P-384 and P-521 (FIPS 186-4, D.1.2). */
const ORDERS: Readonly<Record<string, bigint>> = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384:
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ES512:
    0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
}

interface Case {
  readonly alg: string
  readonly signing: SigningKey
  readonly key: VerificationKey
  readonly token: string
}

const cases = new Map<string, Case>()
for (const alg of ALGORITHMS) {
  const signing = await createSigningKey('key-1', alg)
  const token = forge({ alg, typ: 'JWT' }, PAYLOAD, signing)
  cases.set(alg, { alg, signing, key: verificationKeyOf(signing), token })
}

function caseOf(alg: string): Case {
  return cases.get(alg)!
}

function withSignature(token: string, signature: Uint8Array): string {
  return `${token.slice(0, token.lastIndexOf('.'))}.${encode(signature)}`
}

/** Whatever we accept, the other implementation accepts as well. */
async function expectNoLaxer(token: string, key: VerificationKey): Promise<boolean> {
  const { ours, jose } = await verdicts(token, key)
  expect({ token, laxer: ours && !jose }).toEqual({ token, laxer: false })
  return ours
}

async function expectBothRefuse(token: string, key: VerificationKey): Promise<void> {
  expect(await verdicts(token, key)).toEqual({ ours: false, jose: false })
}

describe('verifySignature beside another implementation', () => {
  it.each(ALGORITHMS)('accepts what %s has signed, as the other does', async (alg) => {
    const { token, key } = caseOf(alg)
    expect(await verdicts(token, key)).toEqual({ ours: true, jose: true })
  })

  it.each(ALGORITHMS)('refuses a %s signature with any byte changed', async (alg) => {
    const { token, key } = caseOf(alg)
    const { signature } = takeApart(token)
    const step = Math.ceil(signature.length / 16)
    for (let index = 0; index < signature.length; index += step) {
      const changed = Buffer.from(signature)
      changed[index]! ^= 1 << (index % 8)
      await expectBothRefuse(withSignature(token, changed), key)
    }
  })

  it.each(ALGORITHMS)('refuses a %s signature of any other length', async (alg) => {
    const { token, key } = caseOf(alg)
    const { signature } = takeApart(token)
    const zero = Buffer.alloc(1)
    const lengthened = [
      Buffer.concat([signature, zero]),
      Buffer.concat([zero, signature]),
      Buffer.concat([signature, signature]),
    ]
    // An RSA signature is a number, whose leading zeros OpenSSL does not miss.
    const start = signature[0] === 0 ? 2 : 1
    const shortened = [
      signature.subarray(start),
      signature.subarray(0, -1),
      signature.subarray(0, 1),
    ]
    for (const changed of [...lengthened, ...shortened, Buffer.alloc(signature.length)]) {
      await expectBothRefuse(withSignature(token, changed), key)
    }
  })

  it.each(ALGORITHMS)('refuses a %s signature over anything else', async (alg) => {
    const { token, key, signing } = caseOf(alg)
    const { header, payload, signature } = takeApart(token)
    const changed = [
      [header, { ...payload, sub: 'admin' }],
      [{ ...header, kid: 'other' }, payload],
    ] as const
    for (const [head, claims] of changed) {
      await expectBothRefuse(withSignature(forge(head, claims, signing), signature), key)
    }
  })

  it.each(ALGORITHMS)('refuses %s by a key of another owner', async (alg) => {
    const { token } = caseOf(alg)
    await expectBothRefuse(token, verificationKeyOf(await createSigningKey('key-1', alg)))
  })

  it.each(ALGORITHMS)('refuses a %s signature under the name of another algorithm', async (alg) => {
    const { signing, key, token } = caseOf(alg)
    const twins = ['EdDSA', 'Ed25519']
    for (const named of [...ALGORITHMS, 'HS256', 'none', 'toString']) {
      if (named === alg || (twins.includes(alg) && twins.includes(named))) continue
      await expectBothRefuse(
        forge({ ...takeApart(token).header, alg: named }, PAYLOAD, signing),
        key,
      )
    }
  })

  it.each(ALGORITHMS)('refuses other spellings of a %s token', async (alg) => {
    const { token, key } = caseOf(alg)
    for (const spelling of [`${token}=`, `${token}==`, `${token}.`, ` ${token}`, `${token}\n`]) {
      await expectNoLaxer(spelling, key)
    }
  })
})

describe('verifySignature, ECDSA', () => {
  it.each(EC)('refuses the DER form of an %s signature', async (alg) => {
    const { token, key } = caseOf(alg)
    const { signature } = takeApart(token)
    await expectBothRefuse(withSignature(token, derOf(signature)), key)
  })

  it.each(EC)('refuses %s with r or s out of range', async (alg) => {
    const { token, key } = caseOf(alg)
    const { signature } = takeApart(token)
    const half = signature.length / 2
    const [r, s] = [signature.subarray(0, half), signature.subarray(half)]
    const order = numberBytes(ORDERS[alg]!, half)
    const zero = Buffer.alloc(half)
    const one = numberBytes(1n, half)
    const most = Buffer.alloc(half, 0xff)
    const pairs = [zero, one, order, most].flatMap((bad) => [
      [bad, s],
      [r, bad],
      [bad, bad],
    ])
    for (const [first, second] of pairs) {
      await expectBothRefuse(withSignature(token, Buffer.concat([first!, second!])), key)
    }
  })
})

describe('verifySignature, RSA', () => {
  it.each(RSA)(
    'refuses a %s signature plus the modulus, which is the same number to it',
    async (alg) => {
      const { token, key, signing } = caseOf(alg)
      const { signature } = takeApart(token)
      const modulus = BigInt(`0x${Buffer.from(signing.jwk.n!, 'base64url').toString('hex')}`)
      const sum = BigInt(`0x${signature.toString('hex')}`) + modulus
      const bytes = Math.ceil(sum.toString(16).length / 2)
      await expectBothRefuse(withSignature(token, numberBytes(sum, bytes)), key)
    },
  )

  it('refuses PS256 with a salt of another length (RFC 7518 §3.5)', async () => {
    const { key, signing } = caseOf('PS256')
    const input = `${encode({ alg: 'PS256' })}.${encode(PAYLOAD)}`
    const how = {
      key: KeyObject.from(signing.privateKey),
      padding: constants.RSA_PKCS1_PSS_PADDING,
    }
    const signature = sign('sha256', Buffer.from(input), { ...how, saltLength: 20 })
    await expectBothRefuse(`${input}.${encode(signature)}`, key)
  })

  it('lets the first of two algorithms that verify in one turn settle what a key is for (RFC 8725 §3.1)', async () => {
    const signing = await createSigningKey('key-1', 'RS256')
    const key = verificationKeyOf(signing)
    const outcomes = await Promise.all(
      ['PS256', 'RS256', 'PS256'].map((alg) =>
        verifySignature(taken(parseCompact(forge({ alg }, PAYLOAD, signing, alg))), alg, [key]),
      ),
    )
    expect(outcomes.map((outcome) => outcome === key)).toEqual([true, false, true])
    expect([...key.algorithms]).toEqual(['PS256'])
  })

  it('refuses HMAC keyed with the text of the public key (RFC 8725 §2.1)', async () => {
    const { key } = caseOf('RS256')
    const pem = key.keyObject.export({ type: 'spki', format: 'pem' })
    const input = `${encode({ alg: 'HS256' })}.${encode(PAYLOAD)}`
    const mac = createHmac('sha256', pem).update(input).digest()
    await expectBothRefuse(`${input}.${encode(mac)}`, key)
  })
})

describe('verifySignature, HMAC', () => {
  it.each([
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ])('agrees with the other on %s', async (alg, bytes) => {
    const secret = createSecretKey(randomBytes(bytes))
    const key = {
      keyId: undefined,
      keyObject: secret,
      published: new Set([alg]),
      algorithms: new Set([alg]),
      issuer: undefined,
    }
    const input = `${encode({ alg })}.${encode(PAYLOAD)}`
    const mac = createHmac(`sha${alg.slice(2)}`, secret)
      .update(input)
      .digest()
    const token = `${input}.${encode(mac)}`
    expect(await verdicts(token, key)).toEqual({ ours: true, jose: true })
    await expectBothRefuse(withSignature(token, mac.subarray(0, -1)), key)
    await expectBothRefuse(withSignature(token, Buffer.concat([mac, mac])), key)
    mac[0]! ^= 1
    await expectBothRefuse(withSignature(token, mac), key)
  })
})

describe('verifySignature, whatever comes', () => {
  it('accepts no token that the other refuses, with any character changed', async () => {
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ '
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ALGORITHMS),
        fc.nat(),
        fc.constantFrom(...characters.split('')),
        async (alg, position, character) => {
          const { token, key } = caseOf(alg)
          const index = position % token.length
          await expectNoLaxer(token.slice(0, index) + character + token.slice(index + 1), key)
        },
      ),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('accepts no random signature', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ALGORITHMS),
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        async (alg, signature) => {
          const { token, key } = caseOf(alg)
          await expectBothRefuse(withSignature(token, signature), key)
        },
      ),
      { numRuns: FUZZ_RUNS },
    )
  })
})

describe.each(['json_web_signature_test.json', 'json_web_crypto_test.json'])(
  'verifySignature, by the Wycheproof vectors of %s',
  (file) => {
    const vectors = wycheproof(file).filter(({ jws }) => typeof jws === 'string')
    let accepted = 0

    for (const { id, comment, jws, keys } of vectors) {
      it(`${id}: ${comment}: is no laxer than the other`, async () => {
        const verdictsOfKeys = await Promise.all(
          usableKeys(keys).map((key) => expectNoLaxer(jws, key)),
        )
        if (verdictsOfKeys.includes(true)) accepted += 1
        expect(verdictsOfKeys).toHaveLength(usableKeys(keys).length)
      })
    }

    it('accepts some of them, where the file is there', () => {
      expect(accepted > 0).toBe(vectors.length > 0)
    })
  },
)

/** A vector's key or key set, as far as we take it, and shared secrets. */
function usableKeys(keys: unknown): readonly VerificationKey[] {
  const list = isRecord(keys) && Array.isArray(keys['keys']) ? (keys['keys'] as unknown[]) : [keys]
  return list.flatMap((jwk) => {
    if (isRecord(jwk) && jwk['kty'] === 'oct') return [secretKey(jwk)]
    try {
      return importKeySet({ keys: [jwk] }).keys
    } catch {
      return []
    }
  })
}

function secretKey(jwk: Readonly<Record<string, unknown>>): VerificationKey {
  const keyObject = createSecretKey(Buffer.from(String(jwk['k']), 'base64url'))
  return {
    keyId: undefined,
    keyObject,
    published: new Set([String(jwk['alg'])]),
    algorithms: new Set([String(jwk['alg'])]),
    issuer: undefined,
  }
}

function numberBytes(value: bigint, bytes: number): Buffer {
  return Buffer.from(value.toString(16).padStart(bytes * 2, '0'), 'hex')
}

/** SEQUENCE { INTEGER r, INTEGER s }, as ECDSA signatures are written elsewhere. */
function derOf(signature: Buffer): Buffer {
  const half = signature.length / 2
  const body = Buffer.concat([
    derInteger(signature.subarray(0, half)),
    derInteger(signature.subarray(half)),
  ])
  const length = body.length < 128 ? [body.length] : [0x81, body.length]
  return Buffer.concat([Buffer.from([0x30, ...length]), body])
}

function derInteger(value: Buffer): Buffer {
  let start = 0
  while (start < value.length - 1 && value[start] === 0) start += 1
  const digits = value.subarray(start)
  const positive = digits[0]! >= 0x80 ? Buffer.concat([Buffer.alloc(1), digits]) : digits
  return Buffer.concat([Buffer.from([0x02, positive.length]), positive])
}
