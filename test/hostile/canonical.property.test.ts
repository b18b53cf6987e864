import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { frozenClock, startApi, type TestApi } from '../../tools/api.js'
import { forge } from '../support/forge.js'
import { createSigningKey, type SigningKey } from '../../tools/issuer.js'
import { ecdsaTwin, respelled, SPELLINGS } from '../support/respell.js'
import { FUZZ_RUNS } from '../support/runs.js'

const TRUSTED = { issuer: 'https://id.test', audience: 'https://api.test' }
const clock = frozenClock()

let keys: SigningKey[]
let api: TestApi

beforeAll(async () => {
  keys = await Promise.all(
    ['EdDSA', 'RS256', 'PS256', 'ES256'].map((alg) => createSigningKey(alg, alg)),
  )
  api = await startApi({ options: TRUSTED }, { clock, jwks: { keys: keys.map(({ jwk }) => jwk) } })
})

afterAll(() => api.close())

/** Claims of every length, so that the last character of a part has none, two or four spare bits. */
const claims = fc.record({
  sub: fc.string({ minLength: 1, maxLength: 12 }),
  jti: fc.option(fc.string({ minLength: 1, maxLength: 5 }), { nil: undefined }),
})

function signed(key: SigningKey, more: object): string {
  const { issuer: iss, audience: aud } = TRUSTED
  const payload = { iss, aud, exp: clock.now + 300, scope: 'read', ...more }
  return forge({ alg: key.alg, kid: key.kid }, JSON.stringify(payload), key)
}

/** As lenient decoders read it, our own platform's among them: they skip all that is not base64url. */
function bytesOf(token: string): readonly string[] {
  return token
    .trim()
    .split('.')
    .slice(0, 3)
    .map((part) => Buffer.from(part, 'base64url').toString('hex'))
}

describe('A token (7515-11, X-02)', () => {
  it('has one spelling: no other that decodes to the same bytes is accepted, before or after it', async () => {
    const property = fc.asyncProperty(
      fc.nat(3),
      claims,
      fc.constantFrom(...SPELLINGS),
      fc.nat(),
      fc.boolean(),
      async (index, more, spelling, at, knownBefore) => {
        const token = signed(keys[index]!, more)
        const other = respelled(token, spelling, at)
        if (other === undefined) return fc.pre(false)
        expect(bytesOf(other)).toEqual(bytesOf(token))
        if (knownBefore) await api.get(token)
        expect([400, 401]).toContain((await api.get(other)).status)
        expect((await api.get(token)).status).toBe(200)
      },
    )
    await fc.assert(property, { numRuns: FUZZ_RUNS })
  })

  it('has one name in the denylist, though an ECDSA signature has a twin that verifies', async () => {
    const property = fc.asyncProperty(claims, async (more) => {
      const token = signed(keys[3]!, more)
      const [first, second] = [await api.get(token), await api.get(ecdsaTwin(token))]
      expect([first.status, second.status]).toEqual([200, 200])
      const names = [first, second].map(({ body }) => (body as { tokenId: unknown }).tokenId)
      expect(names[0]).toEqual(expect.any(String))
      expect(names[1]).toBe(names[0])
    })
    await fc.assert(property, { numRuns: FUZZ_RUNS })
  })
})
