import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import type { KeySource } from '../../../lib/keys/key-source.js'
import type { VerificationKey } from '../../../lib/keys/jwk/verification-key.js'
import { NO_PROOFS } from '../../../lib/tokens/proof/binding/possession.js'
import { createJwtVerifier, type JwtVerifier } from '../../../lib/tokens/access/verifier.js'
import { forge } from '../../support/forge.js'
import { createSigningKey, type SigningKey } from '../../../tools/issuer.js'
import { claimsWith, NOW, policyOf } from '../../support/policy.js'
import { verificationKeyOf } from '../../support/signature-oracle.js'

const KEY_ID = 'key-1'
const HEADER = { alg: 'ES256', typ: 'at+jwt', kid: KEY_ID }

let before: SigningKey
let after: SigningKey
let token: string
/** The keys in force, and what happens while they are looked up. */
let keys: readonly VerificationKey[]
let generation: number
let meanwhile: () => void
let lookUps: number
let verifier: JwtVerifier

beforeAll(async () => {
  before = await createSigningKey(KEY_ID, 'ES256')
  after = await createSigningKey(KEY_ID, 'ES256')
  token = forge(HEADER, claimsWith(), after)
})

beforeEach(() => {
  keys = [verificationKeyOf(before)]
  generation = 1
  meanwhile = () => undefined
  lookUps = 0
  const source: KeySource = {
    ...policyOf().keys,
    async find() {
      lookUps += 1
      const found = keys
      meanwhile()
      return found
    },
    generation: () => generation,
    holds: (key) => keys.includes(key),
  }
  const policy = {
    ...policyOf({ algorithms: ['ES256'], jwks: { keys: [before.jwk] } }),
    keys: source,
  }
  verifier = createJwtVerifier({
    issuers: {
      find: () => policy,
      known: () => policy,
      decryptionKeys: [],
      names: [],
      policies: [],
      explain: () => '',
      ready: async () => undefined,
      status: () => [],
      close: () => undefined,
    },
    clock: () => NOW,
    possession: NO_PROOFS,
    verifiedTokens: undefined,
  })
})

function rotate(): void {
  keys = [verificationKeyOf(after)]
  generation += 1
}

/** Why the token is refused; undefined where it passes. */
async function refusal(): Promise<string | undefined> {
  const verdict = await (verifier.recall(token) ??
    verifier.verify({ token, transport: 'header' }, token))
  return verdict instanceof AuthError ? verdict.reason : undefined
}

describe('a token that the keys in force did not sign', () => {
  it('is remembered: no key is looked up for it again', async () => {
    expect(await refusal()).toBe('bad_signature')
    expect(await refusal()).toBe('bad_signature')
    expect(lookUps).toBe(1)
  })

  it('passes as soon as the key that signed it is in force', async () => {
    expect(await refusal()).toBe('bad_signature')
    rotate()
    expect(await refusal()).toBeUndefined()
  })

  it('is not remembered of keys that came while it was checked by those before', async () => {
    meanwhile = rotate
    expect(await refusal()).toBe('bad_signature')
    expect(await refusal()).toBeUndefined()
  })

  it('is not remembered where no signature was checked: the key may be one for it later', async () => {
    keys = [
      {
        ...verificationKeyOf(after),
        published: new Set(['ES384']),
        algorithms: new Set(['ES384']),
      },
    ]
    expect(await refusal()).toBe('key_mismatch')
    expect(await refusal()).toBe('key_mismatch')
    expect(lookUps).toBe(2)
  })
})
