import { beforeAll, describe, expect, it } from '@jest/globals'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import { importKeySet } from '../../../lib/keys/key-set.js'
import type { VerificationKey } from '../../../lib/keys/jwk/verification-key.js'
import { parseCompact } from '../../../lib/tokens/jwt/compact.js'
import { verifySignature } from '../../../lib/tokens/jwt/signature.js'
import { encode, forge } from '../../support/forge.js'
import { createSigningKey, type SigningKey } from '../../../tools/issuer.js'
import { verificationKeyOf } from '../../support/signature-oracle.js'
import { taken } from '../../support/policy.js'

let signing: SigningKey
let key: VerificationKey

beforeAll(async () => {
  signing = await createSigningKey('key-1', 'ES256')
  key = verificationKeyOf(signing)
})

/** Reason and detail of the refusal of a token with these header members; undefined where it passes. */
async function refusalOf(
  header: Readonly<Record<string, unknown>>,
  alg: string,
  signature?: Uint8Array,
): Promise<unknown> {
  const signed = forge({ alg: 'ES256', ...header }, { sub: 'user-1' }, signing)
  const bare = signed.slice(0, signed.lastIndexOf('.'))
  const token = signature === undefined ? signed : `${bare}.${encode(signature)}`
  const outcome = await verifySignature(taken(parseCompact(token)), alg, [key])
  return outcome instanceof AuthError ? [outcome.reason, outcome.detail] : undefined
}

describe('verifySignature says why it refuses', () => {
  const forged = Buffer.alloc(64, 1)

  it('tells a key that is not for the algorithm from a signature that is not by the key', async () => {
    expect(await refusalOf({}, 'ES256')).toBeUndefined()
    expect(await refusalOf({}, 'RS256')).toMatchObject({ 0: 'key_mismatch' })
    expect(await refusalOf({}, 'ES256', forged)).toEqual([
      'bad_signature',
      'The signature does not verify',
    ])
  })

  it('says of a key without "alg" by which algorithm it is settled', async () => {
    const rsa = await createSigningKey('key-1', 'RS256')
    const { keys } = importKeySet({ keys: [{ ...rsa.jwk, alg: undefined }] })
    const verified = (alg: string): Promise<unknown> =>
      verifySignature(taken(parseCompact(forge({ alg }, { sub: 'u' }, rsa, alg))), alg, keys)
    expect(await verified('ES256')).toMatchObject({
      reason: 'key_mismatch',
      detail: 'The key of this token is not one for ES256',
    })
    expect(await verified('RS256')).toBe(keys[0])
    expect(await verified('PS256')).toMatchObject({
      reason: 'key_mismatch',
      detail: expect.stringMatching(/is pinned to RS256, .*: PS256 is refused/) as unknown,
    })
  })

  it('refuses whom there is no time to check as an outage, whether the token is good or forged', async () => {
    const token = forge({ alg: 'ES256' }, { sub: 'user-1' }, signing)
    const bad = `${token.slice(0, token.lastIndexOf('.'))}.${encode(forged)}`
    const late = { network: 'x', arrivedAt: -1e9, gone: false }
    const flood = Array.from({ length: 500 }, () =>
      verifySignature(taken(parseCompact(token)), 'ES256', [key]),
    )
    const outcomes = [token, bad].map((each) =>
      verifySignature(taken(parseCompact(each)), 'ES256', [key], late),
    )
    for (const outcome of await Promise.all(outcomes)) {
      expect(outcome).toMatchObject({ code: 'temporarily_unavailable', reason: 'overloaded' })
    }
    await Promise.all(flood)
  })
})

const outcomeOf = async (token: string): Promise<unknown> =>
  verifySignature(taken(parseCompact(token)), 'ES256', [key])

describe('verifySignature refuses a payload that another parser would read otherwise', () => {
  it.each([
    ['a name twice (7519-01)', '{"sub":"user-1","sub":"admin"}', 'duplicate names'],
    ['half of a surrogate pair (7519-14)', '{"sub":"\\ud800"}', 'half of a surrogate pair'],
  ])('%s: once it is signed, for then it would be believed', async (_name, payload, why) => {
    const signed = forge({ alg: 'ES256' }, payload, signing)
    const forged = `${signed.slice(0, signed.lastIndexOf('.'))}.${encode(Buffer.alloc(64, 1))}`
    const detail = expect.stringContaining(why)
    const named = expect.stringContaining('payload')
    expect(await outcomeOf(signed)).toMatchObject({ detail: named })
    expect(await outcomeOf(signed)).toMatchObject({ reason: 'malformed_token', detail })
    expect(await outcomeOf(forged)).toMatchObject({ reason: 'bad_signature' })
  })
})

describe('verifySignature tries', () => {
  it('eight keys that fit, and no more at once: nobody chooses how much work that is', async () => {
    const others = await Promise.all(
      Array.from({ length: 8 }, async () =>
        verificationKeyOf(await createSigningKey('other', 'ES256')),
      ),
    )
    const jwt = taken(parseCompact(forge({ alg: 'ES256' }, { sub: 'user-1' }, signing)))
    expect(await verifySignature(jwt, 'ES256', [...others, key])).toMatchObject({
      reason: 'bad_signature',
    })
    expect(await verifySignature(jwt, 'ES256', [...others.slice(1), key])).toBe(key)
  })
})
