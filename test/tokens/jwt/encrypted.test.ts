import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto'
import { describe, expect, it, jest } from '@jest/globals'
import { CompactEncrypt } from 'jose'
import type { AuthErrorReason } from '../../../lib/index.js'
import {
  decryptToken,
  distinctKeys,
  importDecryptionKey,
  isEncrypted,
  judgeReplicatedClaims,
  type Decrypted,
  type DecryptionKey,
} from '../../../lib/tokens/jwt/encrypted.js'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import { encode } from '../../support/forge.js'
import { reasonOf } from '../../support/policy.js'

interface Recipient {
  readonly publicKey: KeyObject
  readonly key: DecryptionKey
  readonly jwk: JsonWebKey
}

function recipient(type: 'rsa' | 'ec', kid?: string): Recipient {
  const { publicKey, privateKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...privateKey.export({ format: 'jwk' }), ...(kid !== undefined && { kid }) }
  return { publicKey, jwk, key: importDecryptionKey(jwk) }
}

const rsa = recipient('rsa', 'rsa')
const ecs = Array.from({ length: 5 }, (_, index) => recipient('ec', `ec-${index}`))
const [ec] = ecs as [Recipient]

function encryptTo(
  { publicKey }: Recipient,
  header: Readonly<Record<string, unknown>>,
): Promise<string> {
  const parameters = { alg: 'ECDH-ES', enc: 'A256GCM', ...header }
  return new CompactEncrypt(Buffer.from('a.b.c')).setProtectedHeader(parameters).encrypt(publicKey)
}

/** What was inside, and by which key; else why it was refused, and how that was put. */
async function opened(token: string, keys: readonly DecryptionKey[]): Promise<unknown> {
  const outcome = await decryptToken(token, keys)
  return outcome instanceof AuthError
    ? `${outcome.code} ${outcome.reason}: ${outcome.detail}`
    : [outcome.token, outcome.key.keyId]
}

const UNDECRYPTABLE = 'invalid_token encrypted_token: The token could not be decrypted'

describe('decryptToken', () => {
  it.each(['RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A256KW'])(
    'takes keys managed by %s (7516-01)',
    async (alg) => {
      const to = alg === 'RSA-OAEP-256' ? rsa : ec
      const token = await encryptTo(to, { alg })
      expect(await opened(token, [to.key])).toEqual(['a.b.c', to.key.keyId])
    },
  )

  it.each(['A128GCM', 'A256GCM', 'A128CBC-HS256', 'A256CBC-HS512'])(
    'takes contents encrypted by %s (7516-01)',
    async (enc) => {
      expect(await opened(await encryptTo(ec, { enc }), [ec.key])).toEqual(['a.b.c', 'ec-0'])
    },
  )

  it.each([
    { alg: 'RSA-OAEP' },
    { alg: 'RSA-OAEP-512' },
    { alg: 'ECDH-ES+A192KW' },
    { enc: 'A192GCM' },
    { enc: 'A192CBC-HS384' },
  ])('takes nothing else, such as %j (7516-02)', async (header) => {
    const to = 'alg' in header && header.alg.startsWith('RSA') ? rsa : ec
    const [[name, value] = []] = Object.entries(header)
    const why = `invalid_token encrypted_token: The encrypted token has the header "${name}" (${value}), which is not supported`
    expect(await opened(await encryptTo(to, header), [to.key])).toBe(why)
  })

  it('tries the keys of that "kid" alone', async () => {
    const keys = ecs.map(({ key }) => key)
    expect(await opened(await encryptTo(ec, { kid: 'ec-0' }), keys)).toEqual(['a.b.c', 'ec-0'])
    expect(await opened(await encryptTo(ec, { kid: 'ec-1' }), keys)).toBe(UNDECRYPTABLE)
    expect(await opened(await encryptTo(ec, { kid: 'x' }), keys)).toBe(UNDECRYPTABLE)
  })

  it('tries the first four keys where there is no "kid", and no more', async () => {
    const keys = ecs.map(({ key }) => key)
    expect(await opened(await encryptTo(ecs[3]!, {}), keys)).toEqual(['a.b.c', 'ec-3'])
    expect(await opened(await encryptTo(ecs[4]!, {}), keys)).toBe(UNDECRYPTABLE)
    expect(await opened(await encryptTo(ecs[4]!, {}), keys.slice(1))).toEqual(['a.b.c', 'ec-4'])
  })

  it.each([
    'JWT',
    'jwt',
    'application/JWT',
    'at+jwt',
    'AT+JWT',
    'application/at+jwt',
    'logout+jwt',
    undefined,
  ])('takes the content type %j (7516-06)', async (cty) => {
    const header = cty === undefined ? {} : { cty }
    expect(await opened(await encryptTo(ec, header), [ec.key])).toEqual(['a.b.c', 'ec-0'])
  })

  it.each([
    ['another content type', { cty: 'text' }, '"cty" (text)'],
    ['a content type of many lines', { cty: `x\n${'y'.repeat(100)}` }, '"cty" (x?yyy'],
    ['a content type that is no string', { cty: null }, '"cty" (object)'],
    ['compression (8725-17)', { zip: 'DEF' }, '"zip" (DEF)'],
    ['compression by nothing', { zip: null }, '"zip" (object)'],
    ['something critical (7516-04)', { crit: [] }, '"crit" (object)'],
  ])('opens no token with %s, and names the header', async (_name, header, named) => {
    const parts = (await encryptTo(ec, {})).split('.')
    const outer = JSON.parse(Buffer.from(parts[0]!, 'base64url').toString()) as object
    parts[0] = encode({ ...outer, ...header })
    const answer = await opened(parts.join('.'), [ec.key])
    expect(answer).toContain(
      `invalid_token encrypted_token: The encrypted token has the header ${named}`,
    )
    expect(String(answer).length).toBeLessThan(200)
  })

  it('parses no header that is nested deeper than 64 levels', async () => {
    const parse = jest.spyOn(JSON, 'parse')
    const beyond = `{"alg":"ECDH-ES","enc":"A128GCM","x":${'['.repeat(4000)}${']'.repeat(4000)}}`
    const answer = await opened(`${encode(beyond)}.a.b.c.d`, [ec.key])
    const parsed = parse.mock.calls.map(([text]) => text)
    parse.mockRestore()
    expect(answer).toBe(UNDECRYPTABLE)
    expect(parsed).not.toContain(beyond)
  })

  it('says the same of a header that is none', async () => {
    for (const header of ['', 'x', encode('[]'), encode('null'), encode('{')]) {
      expect(await opened(`${header}.a.b.c.d`, [ec.key])).toBe(UNDECRYPTABLE)
    }
  })

  it('says so where there are no keys to decrypt with', async () => {
    expect(await opened('a.b.c.d.e', [])).toMatch(/^invalid_token encrypted_token: .*no "decr/)
  })
})

describe('distinctKeys', () => {
  it('keeps each key once for each name that it goes by', () => {
    const again = importDecryptionKey(ec.jwk)
    const renamed = importDecryptionKey({ ...ec.jwk, kid: 'renamed' })
    expect(distinctKeys([ec.key, rsa.key, again, renamed, renamed])).toEqual([
      ec.key,
      rsa.key,
      renamed,
    ])
  })
})

describe('isEncrypted', () => {
  it.each([
    ['', false],
    ['a.b.c', false],
    ['a.b.c.d', false],
    ['a.b.c.d.e', true],
    ['....', true],
    ['a.b.c.d.e.f', false],
    ['a.b.c.d.e.f.g', false],
  ])('%j: %p', (token, expected) => {
    expect(isEncrypted(token)).toBe(expected)
  })
})

describe('judgeReplicatedClaims (7516-07)', () => {
  const claims = { iss: 'i', sub: 's', aud: ['a', 'b'], jti: 'j' }

  it.each<[Decrypted['header'], AuthErrorReason | undefined]>([
    [{}, undefined],
    [{ alg: 'x', jti: 'other' }, undefined],
    [{ iss: 'i', sub: 's', aud: ['a', 'b'] }, undefined],
    [{ iss: 'x' }, 'malformed_claim'],
    [{ sub: 'x' }, 'malformed_claim'],
    [{ aud: 'a' }, 'malformed_claim'],
    [{ aud: ['b', 'a'] }, 'malformed_claim'],
    [{ aud: [] }, 'malformed_claim'],
    [{ iss: null }, 'malformed_claim'],
  ])('%j: %p', (header, reason) => {
    expect(reasonOf(() => judgeReplicatedClaims(header, claims))).toBe(reason)
  })

  it('refuses what the claims do not have', () => {
    expect(reasonOf(() => judgeReplicatedClaims({ sub: 's' }, {}))).toBe('malformed_claim')
  })
})

describe('importDecryptionKey', () => {
  it('keeps the kid', () => {
    expect(importDecryptionKey(rsa.jwk).keyId).toBe('rsa')
    const { kid: _, ...nameless } = ec.jwk
    expect(importDecryptionKey(nameless).keyId).toBeUndefined()
  })

  it.each([
    ['null', () => null],
    ['a list', () => [ec.jwk]],
    ['a kid that is no string', () => ({ ...ec.jwk, kid: 7 })],
    ['a public key', () => ec.publicKey.export({ format: 'jwk' })],
    ['a secret', () => ({ kty: 'oct', k: 'AAAA' })],
    ['a key that signs', () => generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })],
  ])('refuses %s', (_name, jwk) => {
    expect(() => importDecryptionKey(jwk())).toThrow(/key|JWK|"kid"/)
  })
})
