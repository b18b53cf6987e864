import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import type { Outcome } from '../../../lib/core/verdicts/outcome.js'
import type { VerifiedToken } from '../../../lib/tokens/access/entries.js'
import { NO_PROOFS } from '../../../lib/tokens/proof/binding/possession.js'
import { createJwtVerifier, type JwtVerifier } from '../../../lib/tokens/access/verifier.js'
import { forge } from '../../support/forge.js'
import { createSigningKey, type SigningKey } from '../../../tools/issuer.js'
import { claimsWith, ISSUER, NOW } from '../../support/policy.js'
import { oneIssuer, type OneIssuer } from '../../support/one-issuer.js'
import { verificationKeyOf } from '../../support/signature-oracle.js'

const KEY_ID = 'key-1'
const HEADER = { alg: 'ES256', typ: 'at+jwt', kid: KEY_ID }

let before: SigningKey
let after: SigningKey
let token: string
let issuer: OneIssuer
let verifier: JwtVerifier

beforeAll(async () => {
  before = await createSigningKey(KEY_ID, 'ES256')
  after = await createSigningKey(KEY_ID, 'ES256')
  token = forge(HEADER, claimsWith(), after)
})

beforeEach(() => {
  issuer = oneIssuer(before)
  verifier = verifierOf(issuer)
})

function verifierOf({ registry }: OneIssuer): JwtVerifier {
  return createJwtVerifier({
    issuers: registry,
    clock: () => NOW,
    possession: NO_PROOFS,
    verifiedTokens: undefined,
  })
}

function judged(presented: string): Outcome<VerifiedToken> {
  const credential = { token: presented, transport: 'header' } as const
  return verifier.recall(presented) ?? verifier.verify(credential, presented)
}

/** Why the token is refused; undefined where it passes. */
async function refusal(presented = token): Promise<string | undefined> {
  const verdict = await judged(presented)
  return verdict instanceof AuthError ? verdict.reason : undefined
}

describe('a token that the keys in force did not sign', () => {
  it('is remembered: no key is looked up for it again', async () => {
    expect(await refusal()).toBe('bad_signature')
    expect(await refusal()).toBe('bad_signature')
    expect(issuer.lookUps).toHaveLength(1)
  })

  it('is refused the second time at once, and the log says why', async () => {
    await refusal()
    expect(judged(token)).toMatchObject({
      code: 'invalid_token',
      reason: 'bad_signature',
      detail: 'The signature did not verify before',
    })
  })

  it('is remembered by the whole text that it came in', async () => {
    await refusal()
    const other = forge({ ...HEADER, typ: 'jwt' }, claimsWith(), after)
    const sameTail = `${other.slice(0, other.lastIndexOf('.'))}${token.slice(token.lastIndexOf('.'))}`
    expect(verifier.recall(sameTail)).toBeUndefined()
  })

  it('passes as soon as the key that signed it is in force', async () => {
    expect(await refusal()).toBe('bad_signature')
    issuer.rotate(after)
    expect(await refusal()).toBeUndefined()
  })

  it('is not remembered of keys that came while it was checked by those before', async () => {
    issuer.meanwhile = () => issuer.rotate(after)
    expect(await refusal()).toBe('bad_signature')
    expect(await refusal()).toBeUndefined()
  })

  it('is not remembered where no signature was checked: the key may be one for it later', async () => {
    issuer.keys = [
      {
        ...verificationKeyOf(after),
        published: new Set(['ES384']),
        algorithms: new Set(['ES384']),
      },
    ]
    expect(await refusal()).toBe('key_mismatch')
    expect(await refusal()).toBe('key_mismatch')
    expect(issuer.lookUps).toHaveLength(2)
  })

  it('is not remembered without "kid": a key that was not fetched yet may have signed it', async () => {
    const nameless = forge({ alg: 'ES256', typ: 'at+jwt' }, claimsWith(), after)
    expect(await refusal(nameless)).toBe('bad_signature')
    expect(await refusal(nameless)).toBe('bad_signature')
    expect(issuer.lookUps).toHaveLength(2)
  })

  it('is not remembered where no set of keys was in force yet: that is no proof', async () => {
    issuer.generation = 0
    expect(await refusal()).toBe('bad_signature')
    expect(verifier.recall(token)).toBeUndefined()
  })

  it.each([
    ['its issuer is not known any more', undefined],
    ['its issuer got other rules', {}],
  ])('is judged anew once %s', async (_name, changes) => {
    let known = issuer.policy as typeof issuer.policy | undefined
    const asked: unknown[] = []
    verifier = verifierOf({
      ...issuer,
      registry: {
        ...issuer.registry,
        known(...by) {
          asked.push(by)
          return known
        },
      },
    })
    expect(await refusal()).toBe('bad_signature')
    expect(verifier.recall(token)).toMatchObject({ reason: 'bad_signature' })
    // An issuer may have two kinds of keys, one of them for this algorithm.
    expect(asked).toEqual([[ISSUER, 'ES256']])
    known = changes && { ...issuer.policy }
    expect(verifier.recall(token)).toBeUndefined()
  })
})
