import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it, jest } from '@jest/globals'
import { CompactEncrypt } from 'jose'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { AuthError, invalidToken } from '../../../lib/core/verdicts/errors.js'
import {
  compileEventIssuer,
  createEventVerifier,
  type EventKind,
} from '../../../lib/tokens/events/event-verifier.js'
import type { Claims } from '../../../lib/tokens/jwt/claims.js'
import type { IssuerOptions } from '../../../lib/tokens/issuers/policy/options.js'
import { encode } from '../../support/forge.js'
import { manualTimer } from '../../support/manual-timer.js'
import { ISSUER, NOW } from '../../support/policy.js'

const SECRET = Buffer.alloc(32, 1)
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const JWK = { ...privateKey.export({ format: 'jwk' }), use: 'enc' }

const context = { check: optionCheck('backChannelLogout'), timer: manualTimer(), emit() {} }

const judge = jest.fn((claims: Claims, now: number): unknown =>
  claims['no'] === true ? invalidToken('not_a_logout_token') : { claims, now },
)

function verified(
  token: string,
  kind: Partial<EventKind<unknown>> = {},
  options: Partial<IssuerOptions> = {},
): Promise<unknown> {
  const policy = compileEventIssuer(
    { issuer: [ISSUER, `${ISSUER}/`], audience: 'a', secret: SECRET, ...options },
    context,
  )
  const rules = { noun: 'logout token', profile: 'logout_token', judge, ...kind } as const
  const verifier = createEventVerifier(policy, () => NOW, rules)
  expect(verifier.keys).toBe(policy.keys)
  return verifier.verify(token)
}

async function reasonOf(...given: Parameters<typeof verified>): Promise<unknown> {
  const outcome = await verified(...given)
  return outcome instanceof AuthError ? outcome.reason : 'verified'
}

function signed(changes: Claims = {}, header: Claims = {}, secret = SECRET): string {
  const input = [
    { alg: 'HS256', ...header },
    { iss: ISSUER, ...changes },
  ]
    .map(encode)
    .join('.')
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

function encrypted(token: string, header: object = {}): Promise<string> {
  return new CompactEncrypt(Buffer.from(token))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', ...header })
    .encrypt(createPublicKey(privateKey))
}

describe('createEventVerifier', () => {
  it('hands on what its kind makes of the claims, at the time of the clock', async () => {
    expect(await verified(signed())).toEqual({ claims: { iss: ISSUER }, now: NOW })
    expect(await reasonOf(signed({ iss: `${ISSUER}/` }))).toBe('verified')
  })

  it.each<[string, string, string]>([
    ['no token', 'abc', 'malformed_token'],
    ['an issuer that is no text', signed({ iss: 7 }), 'malformed_claim'],
    ['another issuer', signed({ iss: 'https://x.test' }), 'unknown_issuer'],
    ['no issuer', signed({ iss: undefined }), 'unknown_issuer'],
    ['a type of another kind', signed({}, { typ: 'at+jwt' }), 'wrong_type'],
    ['another algorithm', signed({}, { alg: 'HS999' }), 'algorithm_not_allowed'],
    ['claims that its kind refuses', signed({ no: true }), 'not_a_logout_token'],
    ['a signature by another key', signed({}, {}, Buffer.alloc(32, 2)), 'bad_signature'],
  ])('refuses %s', async (_name, token, reason) => {
    expect(await reasonOf(token)).toBe(reason)
  })

  it('says whom it expected', async () => {
    const expected = `Expected issuer ${ISSUER} or ${ISSUER}/, got `
    expect(await verified(signed({ iss: 'x' }))).toHaveProperty('detail', `${expected}x`)
    for (const iss of ['', undefined]) {
      expect(await verified(signed({ iss }))).toHaveProperty('detail', `${expected}none`)
    }
  })

  it('asks for no key before all other rules have passed', async () => {
    const find = jest.fn()
    const policy = compileEventIssuer({ issuer: ISSUER, audience: 'a', secret: SECRET }, context)
    const watched = { ...policy, keys: { ...policy.keys, find: find as never } }
    const kind = { noun: 'token', profile: 'logout_token', judge } as const
    const verifier = createEventVerifier(watched, () => NOW, kind)
    for (const token of [signed({ no: true }), signed({ iss: 'x' }), signed({}, { alg: 'none' })]) {
      expect(await verifier.verify(token)).toBeInstanceOf(AuthError)
    }
    expect(find).not.toHaveBeenCalled()
  })
})

describe('an encrypted event', () => {
  const options = { decryptionKeys: [JWK] }

  it('is decrypted, and the token in it verified', async () => {
    expect(await reasonOf(await encrypted(signed()), {}, options)).toBe('verified')
    const forged = await encrypted(signed({}, {}, Buffer.alloc(32, 2)))
    expect(await reasonOf(forged, {}, options)).toBe('bad_signature')
  })

  it.each<[string, () => Promise<string>, string]>([
    ['that holds no token', () => encrypted('abc'), 'malformed_token'],
    ['that holds none, and says whose', () => encrypted('abc', { iss: ISSUER }), 'malformed_token'],
    [
      'whose envelope says another issuer',
      () => encrypted(signed(), { iss: 'x' }),
      'malformed_claim',
    ],
  ])('%s is refused', async (_name, token, reason) => {
    expect(await reasonOf(await token(), {}, options)).toBe(reason)
  })

  it('is refused where there is no key for it', async () => {
    expect(await reasonOf(await encrypted(signed()))).toBe('encrypted_token')
  })

  it('may be asked for', async () => {
    const kind = { requireEncryption: true }
    expect(await reasonOf(await encrypted(signed()), kind, options)).toBe('verified')
    expect(await verified(signed(), kind, options)).toMatchObject({
      reason: 'wrong_type',
      detail: 'The logout token is not encrypted',
    })
  })
})

describe('compileEventIssuer', () => {
  const jwks = { keys: [createPublicKey(privateKey).export({ format: 'jwk' })] }

  it.each<[string, Partial<IssuerOptions>, readonly string[]]>([
    ['RS256 alone of public keys', { jwks }, ['RS256']],
    ['what it is told', { jwks, algorithms: ['ES256'] }, ['ES256']],
    ['those of a shared secret', { secret: SECRET }, ['HS256', 'HS384', 'HS512']],
  ])('takes %s', (_name, options, algorithms) => {
    const policy = compileEventIssuer({ issuer: ISSUER, audience: 'a', ...options }, context)
    expect([...policy.algorithms]).toEqual(algorithms)
  })
})
