import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { createLocalJWKSet, errors, jwtVerify, type CryptoKey, type JWTVerifyGetKey } from 'jose'
import type { AuthErrorReason } from '../../lib/index.js'
import { frozenClock, startApi, type TestApi } from '../../tools/api.js'
import { encode, forge, signInput, takeApart } from '../support/forge.js'
import { createSigningKey, type SigningKey } from '../../tools/issuer.js'
import { respelled, SPELLINGS } from '../support/respell.js'
import { FUZZ_RUNS } from '../support/runs.js'
import { hostileTokens } from './tokens.js'

/**
 * Whole verdicts beside another implementation, over tokens that were changed in every way we know:
 * what we accept and it refuses must be nothing; what it accepts and we refuse must be on a list.
 */

/** Where we are stricter, and why. */
const STRICTER: Readonly<Partial<Record<AuthErrorReason, string>>> = {
  malformed_authorization: 'the token is not token68',
  malformed_token: 'duplicate names, half surrogate pairs, other spellings, depth, long key ids',
  malformed_claim: 'a registered claim of another type than the standard says',
  missing_claim: 'every token expires',
  critical_header: '"b64", and "crit" whatever it says',
  wrong_type: 'another kind of token',
  not_an_access_token: 'another kind of token',
  bound_token: 'a token bound to a key is no bearer token',
  issued_in_future: '"iat" is judged without being asked to',
  key_mismatch: 'a key is for one algorithm, once that has verified',
}

const TRUSTED = { issuer: 'https://id.test', audience: 'https://api.test' }
const clock = frozenClock()
const CLAIMS = {
  iss: TRUSTED.issuer,
  aud: TRUSTED.audience,
  sub: 'user-1',
  exp: clock.now + 300,
  nbf: clock.now - 10,
  iat: clock.now - 10,
  jti: 'token-1',
  scope: 'read',
}
// prettier-ignore
const ALGORITHMS = ['RS256', 'RS512', 'PS256', 'PS384', 'ES256', 'ES384', 'ES512', 'EdDSA']

let api: TestApi
let keys: SigningKey[]
let stranger: SigningKey
let keySet: JWTVerifyGetKey

beforeAll(async () => {
  keys = await Promise.all(ALGORITHMS.map((alg) => createSigningKey(`key-${alg}`, alg)))
  // Two keys of one name, and two that do not say what they are for.
  keys.push(await createSigningKey('key-ES256', 'RS256'))
  stranger = await createSigningKey('key-RS256')
  const jwks = keys.map(({ jwk: { alg, ...jwk } }) =>
    alg === 'EdDSA' || alg === 'RS512' ? jwk : { ...jwk, alg: alg! },
  )
  keySet = createLocalJWKSet({ keys: jwks })
  api = await startApi({ options: TRUSTED }, { clock, jwks: { keys: jwks } })
})

afterAll(() => api.close())

/** By each fitting key in turn, as we do where a token does not say which one. */
async function joseAccepts(token: string): Promise<boolean> {
  const { issuer, audience } = TRUSTED
  const currentDate = new Date(clock.now * 1000)
  const options = {
    issuer,
    audience,
    algorithms: [...ALGORITHMS, 'RS384', 'PS512', 'Ed25519'],
    currentDate,
  }
  const accepts = (key: JWTVerifyGetKey | CryptoKey): Promise<unknown> =>
    typeof key === 'function' ? jwtVerify(token, key, options) : jwtVerify(token, key, options)
  try {
    await accepts(keySet)
    return true
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return false
    for await (const key of error) {
      const verdict = await accepts(key).then(
        () => true,
        () => false,
      )
      if (verdict) return true
    }
    return false
  }
}

interface Verdict {
  readonly token: string
  readonly ours: boolean
  readonly jose: boolean
  readonly reason: AuthErrorReason | undefined
}

async function verdictOn(token: string): Promise<Verdict> {
  const { status } = await api.get(token)
  // 403 is about a scope: the token itself was accepted.
  const ours = status === 200 || status === 403
  return { token, ours, jose: await joseAccepts(token), reason: ours ? undefined : api.reason() }
}

/** For us a time that is null is none, where none need be given. */
function saysThereIsNone(token: string): boolean {
  const { payload } = takeApart(token)
  return payload['iat'] === null || payload['nbf'] === null
}

/** Throws where the two differ in a way they may not. */
async function judge(token: string): Promise<Verdict> {
  const verdict = await verdictOn(token)
  const { ours, jose, reason } = verdict
  if (ours && !jose && !saysThereIsNone(token)) throw new Error(`We are laxer about ${token}`)
  if (jose && !ours && STRICTER[reason!] === undefined) {
    throw new Error(`We refuse without a reason that is listed (${reason}): ${token}`)
  }
  return verdict
}

/** Judges whatever a property makes of one good token. @returns how often both accepted and refused. */
async function compare<T>(
  arbitrary: fc.Arbitrary<T>,
  change: (token: string, drawn: T, key: SigningKey) => string | undefined,
): Promise<{ readonly accepted: number; readonly refused: number }> {
  const seen = { accepted: 0, refused: 0 }
  const property = fc.asyncProperty(fc.nat(keys.length - 1), arbitrary, async (index, drawn) => {
    const key = keys[index]!
    const token = forge({ alg: key.alg, kid: key.kid, typ: 'at+jwt' }, CLAIMS, key)
    const changed = change(token, drawn, key)
    // What is longer, or has other characters, does not arrive as it was sent.
    if (changed === undefined || !/^[!-~]{1,8000}$/.test(changed)) return fc.pre(false)
    const { ours } = await judge(changed)
    seen[ours ? 'accepted' : 'refused'] += 1
  })
  await fc.assert(property, { numRuns: FUZZ_RUNS })
  return seen
}

const json = fc.oneof(
  fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }),
  fc.constantFrom<unknown>('', [], {}, 0, -1, 1.5, clock.now, clock.now + 1, clock.now * 1000),
)
const headerChanges = fc.dictionary(
  fc.constantFrom('alg', 'kid', 'typ', 'cty', 'crit', 'b64', 'zip', 'jwk', 'jku', 'x5c', 'x'),
  fc.oneof(
    json,
    fc.constantFrom<unknown>(undefined, ...ALGORITHMS, 'HS256', 'none', 'JWT', ['b64'], ['x']),
    fc.constantFrom('key-RS256', 'key-ES256', 'key-EdDSA'),
  ),
  { maxKeys: 2 },
)
const claimChanges = fc.dictionary(
  fc.oneof(
    fc.constantFrom(...Object.keys(CLAIMS)),
    fc.constantFrom('cnf', 'nonce', 'events', 'x', '__proto__', 'constructor'),
  ),
  fc.oneof(
    json,
    fc.constantFrom<unknown>(undefined, TRUSTED.issuer, TRUSTED.audience, [TRUSTED.audience, 'x']),
    fc.integer({ min: -2, max: 2 }).map((offset) => clock.now + offset),
  ),
  { maxKeys: 3 },
)

// prettier-ignore
const SCRAPS = [
  '', ' ', '\n', '"', ',', ':', '{', '}', '[', ']', '\\', '\\u0061', '\\ud800', '\uFEFF', '\0', '\u00E9',
  '0', '-', '1e400', 'e5', 'null', '"x":1,', '"exp":9e9,', '"iss":"x",',
]

describe('Beside another implementation, we are never laxer', () => {
  it('about headers and claims that the issuer itself signed', async () => {
    const changes = fc.tuple(headerChanges, claimChanges)
    const seen = await compare(changes, (token, [header, claims], key) => {
      const { header: head, payload } = takeApart(token)
      return forge({ ...head, ...header }, { ...payload, ...claims }, key)
    })
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(FUZZ_RUNS / 50)
  })

  it('about JSON that the issuer wrote in another hand, or wrongly', async () => {
    const edits = fc.record({
      part: fc.nat(1),
      at: fc.nat(),
      remove: fc.nat(2),
      insert: fc.constantFrom(...SCRAPS),
    })
    const seen = await compare(edits, (token, { part, at, remove, insert }, key) => {
      const texts = token
        .split('.')
        .slice(0, 2)
        .map((segment) => Buffer.from(segment, 'base64url').toString())
      const text = texts[part]!
      const start = at % text.length
      texts[part] = text.slice(0, start) + insert + text.slice(start + remove)
      return forge(texts[0]!, texts[1]!, key)
    })
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(FUZZ_RUNS / 50)
  })

  it('about other spellings of a good token', async () => {
    const spelling = fc.tuple(fc.constantFrom(...SPELLINGS), fc.nat())
    await compare(spelling, (token, [name, choice]) => respelled(token, name, choice))
    expect((await judge(forge({ alg: 'EdDSA' }, CLAIMS, keys[7]!))).ours).toBe(true)
  })

  it('about spellings that the issuer signed', async () => {
    const spelling = fc.tuple(fc.constantFrom(...SPELLINGS), fc.nat())
    await compare(spelling, (token, [name, choice], key) => {
      const parts = respelled(token, name, choice)?.split('.')
      return parts && signInput(parts.slice(0, 2).join('.'), key)
    })
    expect((await judge(forge({ alg: 'EdDSA' }, CLAIMS, keys[7]!))).ours).toBe(true)
  })

  it('about any character or byte changed', async () => {
    const edit = fc.record({
      at: fc.nat(),
      remove: fc.nat(3),
      insert: fc.stringMatching(/^[!-~]{0,3}$/),
      bit: fc.nat(7),
      asBits: fc.boolean(),
    })
    const seen = await compare(edit, (token, { at, remove, insert, bit, asBits }) => {
      const start = at % token.length
      if (!asBits) return token.slice(0, start) + insert + token.slice(start + remove)
      const parts = token.split('.')
      const bytes = Buffer.from(parts[at % 3]!, 'base64url')
      bytes[at % bytes.length]! ^= 1 << bit
      return parts.with(at % 3, encode(bytes)).join('.')
    })
    expect(seen.refused).toBeGreaterThan(FUZZ_RUNS / 2)
  })

  it('about signatures by one key or algorithm under the name of another', async () => {
    const choice = fc.record({
      named: fc.constantFrom(...ALGORITHMS, 'RS384', 'PS512', 'HS256', 'none', 'Ed25519'),
      by: fc.nat(ALGORITHMS.length),
      kid: fc.constantFrom(...ALGORITHMS, undefined),
      alien: fc.boolean(),
    })
    const seen = await compare(choice, (_token, { named, by, kid, alien }) => {
      const key = alien ? stranger : keys[by]!
      const name = kid === undefined ? {} : { kid: `key-${kid}` }
      return forge({ alg: named, ...name }, CLAIMS, key, key.alg)
    })
    expect(seen.refused).toBeGreaterThan(FUZZ_RUNS / 2)
  })

  it('about the hostile corpus', async () => {
    const accepted: string[] = []
    for (const key of keys) {
      const valid = forge({ alg: key.alg, kid: key.kid, typ: 'at+jwt' }, CLAIMS, key)
      for (const [name, token] of hostileTokens(valid, key, stranger)) {
        if ((await judge(token)).ours) accepted.push(name)
      }
    }
    expect(accepted).toEqual([])
  })
})
