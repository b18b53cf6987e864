import { beforeAll, describe, expect, it } from '@jest/globals'
import type { AuthError } from '../../lib/core/errors.js'
import type { VerificationKey } from '../../lib/keys/verification-key.js'
import { parseCompact } from '../../lib/tokens/compact.js'
import { verifySignature } from '../../lib/tokens/signature.js'
import { encode, forge } from '../support/forge.js'
import { createSigningKey, type SigningKey } from '../support/issuer.js'
import { verificationKeyOf } from '../support/signature-oracle.js'

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
  return verifySignature(parseCompact(token), alg, [key]).then(
    () => undefined,
    ({ reason, detail }: AuthError) => [reason, detail],
  )
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

  it('names the mark of a token for Microsoft Graph', async () => {
    const [reason, detail] = (await refusalOf({ nonce: 'x' }, 'ES256', forged)) as string[]
    expect([reason, detail]).toEqual([
      'bad_signature',
      expect.stringContaining('a token for Microsoft Graph'),
    ])
  })
})

describe('verifySignature tries', () => {
  it('the first eight keys that fit, and no more: nobody chooses how much work that is', async () => {
    const others = await Promise.all(
      Array.from({ length: 8 }, async () =>
        verificationKeyOf(await createSigningKey('other', 'ES256')),
      ),
    )
    const jwt = parseCompact(forge({ alg: 'ES256' }, { sub: 'user-1' }, signing))
    const verifiedBy = async (keys: readonly VerificationKey[]): Promise<unknown> =>
      verifySignature(jwt, 'ES256', keys).catch(({ reason }: AuthError) => reason)
    expect(await verifiedBy([...others.slice(1), key])).toBe(key)
    expect(await verifiedBy([...others, key])).toBe('bad_signature')
  })
})
