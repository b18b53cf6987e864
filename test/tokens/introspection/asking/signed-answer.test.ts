import { generateKeyPairSync } from 'node:crypto'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { CompactEncrypt, exportJWK, generateKeyPair } from 'jose'
import { NOBODY } from '../../../../lib/core/queue/sender.js'
import { AuthError } from '../../../../lib/core/verdicts/errors.js'
import type { Question } from '../../../../lib/tokens/introspection/asking/answer.js'
import {
  openSigned,
  verifySigned,
} from '../../../../lib/tokens/introspection/asking/signed-answer.js'
import type { IssuerPolicy } from '../../../../lib/tokens/issuers/policy/policy.js'
import { createSigningKey, type SigningKey } from '../../../../tools/issuer.js'
import { forge } from '../../../support/forge.js'
import { ISSUER, NOW, policyOf } from '../../../support/policy.js'

type Members = Readonly<Record<string, unknown>>

const HEADER = { alg: 'ES256', kid: 'key-1', typ: 'token-introspection+jwt' }
const TOLD = { active: true, sub: 'user-1' }
let key: SigningKey
let policy: IssuerPolicy

beforeAll(async () => {
  key = await createSigningKey('key-1', 'ES256')
  policy = policyOf({ jwks: { keys: [key.jwk] } as never, clockToleranceSeconds: 5 })
})

function signed(claims: Members = {}, header: Members = {}): string {
  const all = { iss: ISSUER, aud: 'api-1', iat: NOW, token_introspection: TOLD, ...claims }
  const body = JSON.parse(JSON.stringify(all)) as Members
  return forge(JSON.parse(JSON.stringify({ ...HEADER, ...header })) as Members, body, key)
}

const verify = (text: string, by = policy): ReturnType<typeof verifySigned> =>
  verifySigned(text, {
    policy: by,
    settings: { clientId: 'api-1' },
    clock: () => NOW,
    sender: NOBODY,
  } as unknown as Question)

const unsigned = (text: string): string => text.slice(0, text.lastIndexOf('.'))
const withOtherSignature = (text: string): string => `${unsigned(text)}.${'A'.repeat(86)}`

describe('a signed answer', () => {
  it('says what it says of the token, and who has signed it', async () => {
    const answer = await verify(signed())
    expect(answer).toMatchObject({ active: true, claims: TOLD })
    expect(policy.keys.holds(answer.key!)).toBe(true)
    const inactive = signed({ token_introspection: { active: false } })
    expect(await verify(inactive)).toMatchObject({ active: false })
  })

  it.each([
    ['now', 0],
    ['a minute ago, by a clock that is behind', -65],
    ['by a clock that is ahead', 5],
  ])('may be made %s', async (_when, ago) => {
    expect(await verify(signed({ iat: NOW + ago }))).toMatchObject({ active: true })
  })

  it('may be for others as well', async () => {
    expect(await verify(signed({ aud: ['other', 'api-1'] }))).toMatchObject({ active: true })
  })

  it.each<[string, Members, Members, string]>([
    ['of another issuer', { iss: 'https://evil.test' }, {}, 'of another issuer'],
    ['of no issuer', { iss: undefined }, {}, 'of another issuer'],
    ['of a list of issuers', { iss: [ISSUER] }, {}, 'of another issuer'],
    ['for another client', { aud: 'api-2' }, {}, 'not for this client'],
    ['for nobody', { aud: undefined }, {}, 'not for this client'],
    ['for a number', { aud: 7 }, {}, 'not for this client'],
    ['too old', { iat: NOW - 66 }, {}, 'too old, or from the future'],
    ['from the future', { iat: NOW + 6 }, {}, 'too old, or from the future'],
    ['of no time', { iat: undefined }, {}, 'too old, or from the future'],
    ['of a time that is a text', { iat: String(NOW) }, {}, 'too old, or from the future'],
    ['of another type', {}, { typ: 'at+jwt' }, 'The header of the answer is not allowed'],
    ['by an algorithm that is not allowed', {}, { alg: 'HS256' }, 'The header of the answer'],
    ['by a key that nobody knows', {}, { kid: 'key-2' }, 'The signature of the answer does not'],
    ['without a word on the token', { token_introspection: undefined }, {}, 'does not say'],
    ['with a list in its place', { token_introspection: [TOLD] }, {}, 'does not say'],
    ['with a text for active', { token_introspection: { active: 'true' } }, {}, 'does not say'],
  ])('is unusable where it is %s', async (_what, claims, header, message) => {
    const verdict = verify(signed(claims, header))
    await expect(verdict).rejects.toMatchObject({ name: 'FetchError' })
    await expect(verdict).rejects.toThrow(message)
  })

  it.each([
    ['without a signature', unsigned, 'no signed JWT'],
    ['with another signature', withOtherSignature, 'The signature of the answer'],
  ])('is unusable %s', async (_what, change, message) => {
    await expect(verify(change(signed()))).rejects.toThrow(message)
  })

  it('cannot be judged while the keys cannot be had: that is no fault of the answer', async () => {
    const outage = new AuthError('temporarily_unavailable', { reason: 'keys_unavailable' })
    const keys = { ...policy.keys, find: () => outage }
    const verdict = verify(signed(), { ...policy, keys } as unknown as IssuerPolicy)
    await expect(verdict).rejects.toBe(outage)
  })
})

const holder = (jwk: object): IssuerPolicy => policyOf({ decryptionKeys: [jwk] as never })

describe('an encrypted answer', () => {
  it('is opened by our key alone', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ECDH-ES', { extractable: true })
    const own = await exportJWK(privateKey)
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      format: 'jwk',
    })
    const text = signed()
    const sealed = await new CompactEncrypt(Buffer.from(text))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A128GCM', cty: 'JWT' })
      .encrypt(publicKey)
    expect(await openSigned(sealed, holder(own), NOBODY)).toBe(text)
    await expect(openSigned(sealed, holder(other), NOBODY)).rejects.toThrow(
      /^The answer could not be decrypted \(/,
    )
  })
})
