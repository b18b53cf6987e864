import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { CompactEncrypt } from 'jose'
import { NOBODY } from '../../../lib/core/queue/sender.js'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import {
  judgeUnverified,
  parseToken,
  type ParsedToken,
} from '../../../lib/tokens/access/unverified-token.js'
import type { DecryptionKey } from '../../../lib/tokens/jwt/encrypted.js'
import type { IssuerOptions } from '../../../lib/tokens/issuers/policy/options.js'
import { encode } from '../../support/forge.js'
import { claimsWith, ISSUER, NOW, policyOf } from '../../support/policy.js'

function newKey(): { readonly jwk: object; readonly key: DecryptionKey } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...privateKey.export({ format: 'jwk' }), use: 'enc' }
  return { jwk, key: { keyId: undefined, keyObject: privateKey } }
}

const [ours, theirs] = [newKey(), newKey()]

function signed(changes: object = {}, header: object = {}): string {
  return [{ alg: 'HS256', ...header }, claimsWith({ ...changes }), 'signature']
    .map(encode)
    .join('.')
}

function encrypted(token: string, { key }: typeof ours, header: object = {}): Promise<string> {
  return new CompactEncrypt(Buffer.from(token))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', ...header })
    .encrypt(createPublicKey(key.keyObject))
}

function parsed(token: string, keys: readonly DecryptionKey[] = [], throttled?: boolean): unknown {
  const credential = {
    token,
    transport: 'header' as const,
    ...(throttled !== undefined && { throttled }),
  }
  return parseToken({ credential, credentialText: `Bearer ${token}`, sender: NOBODY }, keys)
}

describe('parseToken', () => {
  it('takes a signed token apart at once', () => {
    const token = signed()
    expect(parsed(token)).toMatchObject({
      credential: { token },
      credentialText: `Bearer ${token}`,
      sender: NOBODY,
      issuer: ISSUER,
      envelope: undefined,
    })
  })

  it.each<[string, string, string]>([
    ['no JWT', 'abc', 'malformed_token'],
    ['an issuer that is no text', signed({ iss: 7 }), 'malformed_claim'],
  ])('refuses %s', (_name, token, reason) => {
    expect(parsed(token)).toMatchObject({ code: 'invalid_token', reason })
  })

  it('takes a token without an issuer for one of nobody', () => {
    expect(parsed(signed({ iss: undefined }))).toMatchObject({ issuer: '' })
  })

  it('decrypts, and keeps the envelope to be judged', async () => {
    const token = signed()
    expect(await parsed(await encrypted(token, ours), [ours.key])).toMatchObject({
      issuer: ISSUER,
      envelope: { token, key: ours.key },
    })
  })

  it('decrypts nothing for a sender who has failed too often', async () => {
    const token = await encrypted(signed(), ours)
    expect(await parsed(token, [ours.key], true)).toMatchObject({ code: 'too_many_requests' })
    expect(await parsed(token, [], true)).toMatchObject({ reason: 'encrypted_token' })
    expect(await parsed(token, [ours.key], false)).toMatchObject({ issuer: ISSUER })
    expect(parsed(signed(), [ours.key], true)).toMatchObject({ issuer: ISSUER })
  })

  it('refuses an envelope with no token in it', async () => {
    const token = await encrypted('abc', ours)
    expect(await parsed(token, [ours.key])).toMatchObject({ reason: 'malformed_token' })
  })
})

describe('judgeUnverified', () => {
  async function judged(token: string, options: Partial<IssuerOptions> = {}): Promise<unknown> {
    const outcome = await parsed(token, [ours.key])
    const verdict = judgeUnverified(outcome as ParsedToken, policyOf(options), NOW)
    return verdict instanceof AuthError ? verdict.reason : verdict
  }

  it('hands on a plausible token, with its rules and what its header chooses', async () => {
    const token = signed({}, { kid: 'k', typ: 'AT+JWT' })
    expect(await judged(token)).toMatchObject({
      credentialText: `Bearer ${token}`,
      issuer: ISSUER,
      header: { algorithm: 'HS256', keyId: 'k', type: 'at+jwt' },
      policy: { issuers: [ISSUER] },
    })
  })

  it.each<[string, string, string]>([
    ['an algorithm that is not allowed', signed({}, { alg: 'none' }), 'algorithm_not_allowed'],
    ['claims that say no', signed({ exp: NOW }), 'expired'],
    ['a kind that its header does not name', signed({ nonce: 'n' }), 'not_an_access_token'],
  ])('refuses %s, without a key', async (_name, token, reason) => {
    expect(await judged(token)).toBe(reason)
  })

  it('takes the kind that its header names', async () => {
    expect(await judged(signed({ nonce: 'n' }, { typ: 'at+jwt' }))).toHaveProperty('issuer')
  })

  it.each<[string, readonly object[], object, unknown]>([
    ['is of this issuer', [ours.jwk], {}, undefined],
    ['is one of several of this issuer', [theirs.jwk, ours.jwk], {}, undefined],
    ['is of another issuer', [theirs.jwk], {}, 'encrypted_token'],
    ['repeats a claim', [ours.jwk], { iss: ISSUER }, undefined],
    ['repeats a claim otherwise', [ours.jwk], { iss: 'https://x.test' }, 'malformed_claim'],
  ])('goes by an envelope that %s', async (_name, decryptionKeys, header, reason) => {
    const verdict = await judged(await encrypted(signed(), ours, header), { decryptionKeys })
    expect(typeof verdict === 'string' ? verdict : undefined).toBe(reason)
  })
})
