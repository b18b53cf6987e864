import { beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { AuthError, invalidToken } from '../../../lib/core/verdicts/errors.js'
import { KeyCompromised } from '../../../lib/keys/jwk/compromised.js'
import type { VerificationKey } from '../../../lib/keys/jwk/verification-key.js'
import { KeyIgnored } from '../../../lib/keys/key-set.js'
import {
  KeysUnavailable,
  RefetchOverBudget,
  WorkDenied,
  type KeySource,
} from '../../../lib/keys/key-source.js'
import {
  isBadSignature,
  judgeKey,
  verifyByIssuer,
} from '../../../lib/tokens/issuers/verify-signature.js'
import { parseCompact } from '../../../lib/tokens/jwt/compact.js'
import { createSigningKey, type SigningKey } from '../../../tools/issuer.js'
import { forge } from '../../support/forge.js'
import { claimsWith, ISSUER, policyOf, taken } from '../../support/policy.js'
import { senderOf } from '../../support/senders.js'
import { verificationKeyOf } from '../../support/signature-oracle.js'

const find = jest.fn<KeySource['find']>()
const refetch = jest.fn<KeySource['refetch']>()
const policy = { ...policyOf(), keys: { ...policyOf().keys, find, refetch } }

let signing: SigningKey
let other: SigningKey
let rsa: SigningKey
let key: VerificationKey
let stranger: VerificationKey

beforeAll(async () => {
  signing = await createSigningKey('key-1', 'ES256')
  other = await createSigningKey('key-1', 'ES256')
  rsa = await createSigningKey('key-1', 'RS256')
})

beforeEach(() => {
  key = verificationKeyOf(signing)
  stranger = verificationKeyOf(other)
  find.mockReset()
  refetch.mockReset()
  refetch.mockResolvedValue([])
})

interface How {
  readonly keyId?: string | undefined
  readonly algorithm?: string
  readonly throttled?: boolean
  readonly arrivedAt?: number
}

/** What comes of a token that the first key has signed, or that of RSA. */
async function verified({
  keyId = 'key-1',
  algorithm = 'ES256',
  throttled,
  arrivedAt = 5000,
}: How = {}): Promise<unknown> {
  const by = algorithm === 'ES256' ? signing : rsa
  const jwt = taken(parseCompact(forge({ alg: algorithm }, claimsWith(), by, algorithm)))
  const header = { algorithm, keyId: keyId === 'none' ? undefined : keyId, type: undefined }
  return verifyByIssuer(jwt, header, policy, ISSUER, throttled, senderOf('one', arrivedAt))
}

/** Which of these keys the last refetch was for. */
function wanted(...keys: readonly VerificationKey[]): readonly VerificationKey[] {
  const [fits] = refetch.mock.lastCall!
  return keys.filter((one) => fits(one))
}

const OUTAGES: readonly (readonly [Error, object])[] = [
  [new WorkDenied(), { code: 'too_many_requests' }],
  [new KeyCompromised('d'), { code: 'invalid_token', reason: 'compromised_key' }],
  [new KeyIgnored('why'), { code: 'temporarily_unavailable', reason: 'keys_unavailable', retryAfterSeconds: 60 }], // prettier-ignore
  [new KeysUnavailable('down', 7), { code: 'temporarily_unavailable', reason: 'keys_unavailable', retryAfterSeconds: 7, detail: 'down' }], // prettier-ignore
  [new RefetchOverBudget(9), { code: 'temporarily_unavailable', reason: 'unknown_key', retryAfterSeconds: 9 }], // prettier-ignore
]

describe('verifyByIssuer, where keys are looked up', () => {
  it('asks for the kid, and tells how long the sender has waited and whether it is throttled', async () => {
    find.mockReturnValue([key])
    expect(await verified()).toBe(key)
    expect(find.mock.calls).toEqual([['key-1', false, 5000]])
    await verified({ keyId: 'none', throttled: true })
    expect(find).toHaveBeenLastCalledWith(undefined, true, 5000)
  })

  it.each(OUTAGES)('says what it means for the request that %s', async (error, refusal) => {
    find.mockImplementation(() => {
      throw error
    })
    expect(await verified()).toMatchObject(refusal)
    find.mockRejectedValue(error)
    expect(await verified()).toMatchObject(refusal)
  })

  it('leaves a fault of ours to the app', async () => {
    find.mockRejectedValue(new RangeError('a fault'))
    await expect(verified()).rejects.toThrow('a fault')
  })

  it('tells a kid that is not there from one that is for another issuer', async () => {
    find.mockReturnValue([])
    expect(await verified()).toMatchObject({
      reason: 'unknown_key',
      detail: 'The issuer has no key of this "kid"',
    })
    find.mockReturnValue([{ ...key, issuer: 'https://other.test' }])
    expect(await verified()).toMatchObject({
      reason: 'unknown_key',
      detail: `The key of this "kid" is for the issuer https://other.test, which is no spelling of ${ISSUER}. If both are one issuer, list both in "issuer"`,
    })
    const own = { ...key, issuer: ISSUER }
    find.mockReturnValue([{ ...stranger, issuer: 'https://other.test' }, own])
    expect(await verified()).toBe(own)
  })
})

describe('verifyByIssuer, where a signature does not verify', () => {
  it('fetches nothing for a token with a kid: that key did not sign it', async () => {
    find.mockReturnValue([stranger])
    expect(await verified()).toMatchObject({ reason: 'bad_signature' })
    expect(refetch).not.toHaveBeenCalled()
  })

  it('fetches the keys that were not tried, for one without', async () => {
    find.mockReturnValue([stranger])
    refetch.mockResolvedValue([key])
    expect(await verified({ keyId: 'none', throttled: true })).toBe(key)
    expect(refetch).toHaveBeenCalledWith(expect.any(Function), true, 5000)
    expect(wanted(key, stranger, verificationKeyOf(rsa))).toEqual([key])
  })

  it('refuses it where nothing new came, or nothing for this issuer', async () => {
    find.mockReturnValue([stranger])
    expect(await verified({ keyId: 'none' })).toMatchObject({ reason: 'bad_signature' })
    refetch.mockResolvedValue([{ ...key, issuer: 'https://other.test' }])
    expect(await verified({ keyId: 'none' })).toMatchObject({ reason: 'bad_signature' })
  })

  it.each(OUTAGES)('cannot tell where the refetch fails: %s', async (error, refusal) => {
    find.mockReturnValue([stranger])
    refetch.mockRejectedValue(error)
    expect(await verified({ keyId: 'none' })).toMatchObject(refusal)
  })

  it('fetches nothing where there was no time to check it: that is no failure', async () => {
    find.mockReturnValue([key])
    const flood = Array.from({ length: 500 }, () => verified())
    expect(await verified({ keyId: 'none', arrivedAt: -1e9 })).toMatchObject({
      code: 'temporarily_unavailable',
      reason: 'overloaded',
    })
    expect(refetch).not.toHaveBeenCalled()
    await Promise.all(flood)
  })

  it('fetches nothing for one without kid that verifies', async () => {
    find.mockReturnValue([stranger, key])
    expect(await verified({ keyId: 'none' })).toBe(key)
    expect(refetch).not.toHaveBeenCalled()
  })

  it('tells a set without a key for the algorithm from a forged token', async () => {
    find.mockReturnValue([verificationKeyOf(rsa)])
    expect(await verified({ keyId: 'none' })).toMatchObject({ reason: 'key_mismatch' })
  })

  it('follows the issuer where a key is pinned to another algorithm of its own', async () => {
    const pinned = { ...verificationKeyOf(rsa), keyId: 'key-1', algorithms: new Set(['PS256']) }
    const fresh = { ...verificationKeyOf(rsa), keyId: 'key-1' }
    find.mockReturnValue([pinned])
    refetch.mockResolvedValue([fresh])
    expect(await verified({ algorithm: 'RS256' })).toBe(fresh)
    // The same key is a good one as soon as its pin is gone.
    expect(wanted(pinned, fresh, { ...fresh, keyId: 'key-2' }, key)).toEqual([pinned, fresh])
  })
})

const judged = (source: Partial<KeySource>): AuthError | undefined =>
  judgeKey({ ...policy, keys: { ...policy.keys, holds: () => false, generation: () => 1, ...source } }, key) // prettier-ignore

describe('verifyByIssuer, of two keys of one kid', () => {
  it('follows the issuer where one of them is pinned away', async () => {
    const pinned = { ...verificationKeyOf(rsa), keyId: 'key-1', algorithms: new Set(['PS256']) }
    const fresh = { ...verificationKeyOf(rsa), keyId: 'key-1' }
    find.mockReturnValue([stranger, pinned])
    refetch.mockResolvedValue([fresh])
    expect(await verified({ algorithm: 'RS256' })).toBe(fresh)
  })
})

describe('judgeKey', () => {
  it('lets a key count that is in force', () => {
    expect(judged({ holds: (held) => held === key })).toBeUndefined()
  })

  it('cannot tell where there are no keys any more', () => {
    expect(judged({ generation: () => 0 })).toMatchObject({
      code: 'temporarily_unavailable',
      reason: 'keys_unavailable',
      retryAfterSeconds: 1,
      detail: 'The keys of the issuer are too old to serve, or their guard was closed',
    })
  })

  it('fetches nothing to tell that a key was withdrawn', () => {
    find.mockReturnValue([])
    const withdrawn = {
      reason: 'unknown_key',
      detail: 'The issuer has withdrawn the key that signed the token',
    }
    expect(judged({})).toMatchObject(withdrawn)
    expect(find.mock.calls).toEqual([['key-1', true]])
    find.mockImplementation(() => {
      throw new WorkDenied()
    })
    expect(judged({})).toMatchObject(withdrawn)
  })

  it('says where its private half was published', () => {
    find.mockImplementation(() => {
      throw new KeyCompromised('d')
    })
    expect(judged({})).toMatchObject({ reason: 'compromised_key' })
  })
})

it.each([
  [invalidToken('bad_signature'), true],
  [invalidToken('expired'), false],
  [{ reason: 'bad_signature' }, false],
  [undefined, false],
])('isBadSignature, case %#', (error, expected) => {
  expect(isBadSignature(error)).toBe(expected)
})
