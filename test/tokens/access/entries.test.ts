import { describe, expect, it, jest } from '@jest/globals'
import type { Auth } from '../../../lib/core/auth/auth.js'
import type { VerificationKey } from '../../../lib/keys/jwk/verification-key.js'
import { ForgedEntry, VerifiedEntry, type JudgeAgain } from '../../../lib/tokens/access/entries.js'
import { CachedCredential } from '../../../lib/tokens/access/token-cache.js'
import type { UnverifiedToken } from '../../../lib/tokens/access/unverified-token.js'
import { policyOf } from '../../support/policy.js'

const policy = policyOf({ clockToleranceSeconds: 7 })
const token = {
  credentialText: 'Bearer a.b.c',
  issuer: 'https://id.test',
  header: { algorithm: 'ES256' },
  policy,
} as unknown as UnverifiedToken
const key = {} as VerificationKey

describe('VerifiedEntry', () => {
  const auth = { subject: 's' } as unknown as Auth
  const times = { expiresAt: 3, notBefore: 1, issuedAt: 2 }
  const judgeAgain = jest.fn<JudgeAgain<VerifiedEntry>>()
  const need = { kind: 'dpop' } as never
  const entry = new VerifiedEntry(token, key, { auth, times, bytes: 100 }, need, judgeAgain)

  it('holds all that a known token is judged by', () => {
    expect(entry).toMatchObject({ auth, ...times, policy, key, need })
    expect(entry.matches('Bearer a.b.c')).toBe(true)
  })

  it('weighs what the token means beside its text', () => {
    expect(entry.bytes - new CachedCredential('Bearer a.b.c').bytes).toBe(100)
  })

  it('is judged again by whoever made it', () => {
    judgeAgain.mockReturnValue(entry)
    expect(entry.again()).toBe(entry)
    expect(judgeAgain).toHaveBeenCalledWith(entry)
  })

  it('shows its text to nobody who logs it', () => {
    expect(JSON.stringify(entry)).not.toContain('a.b.c')
    expect(Object.values(entry)).not.toContain('Bearer a.b.c')
  })
})

describe('ForgedEntry', () => {
  it('holds by which rules and keys a signature was found bad, and no more', () => {
    const entry = new ForgedEntry(token, 4)
    const { bytes } = new CachedCredential('Bearer a.b.c')
    expect(Object.fromEntries(Object.entries(entry))).toEqual({
      bytes,
      issuer: 'https://id.test',
      algorithm: 'ES256',
      policy,
      generation: 4,
    })
    expect(entry.matches('Bearer a.b.c')).toBe(true)
  })
})
