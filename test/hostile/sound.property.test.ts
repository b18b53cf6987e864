import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { startApi, type TestApi } from '../support/api.js'
import { encode, forge, takeApart } from '../support/forge.js'
import {
  createSigningKey,
  startIssuer,
  type SigningKey,
  type TestIssuer,
} from '../support/issuer.js'
import { FUZZ_RUNS } from '../support/runs.js'

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']

let issuer: TestIssuer
let api: TestApi
let keys: SigningKey[]
let stranger: SigningKey
let tokens: string[]

beforeAll(async () => {
  issuer = await startIssuer()
  keys = await Promise.all(ALGORITHMS.map((alg) => createSigningKey(`key-${alg}`, alg)))
  stranger = await createSigningKey('key-ES256', 'ES256')
  issuer.keys = keys.map(({ jwk }) => jwk)
  api = await startApi(issuer)
  const exp = Math.floor(Date.now() / 1000) + 3600
  tokens = await Promise.all(keys.map((key) => issuer.token({ exp }, {}, key)))
})

afterAll(async () => {
  await api.close()
  await issuer.close()
})

async function expectRefused(token: string): Promise<void> {
  const { status } = await api.get(token)
  expect([400, 401]).toContain(status)
}

/** Runs a property over one of the valid tokens. */
async function expectAllRefused<T>(
  arbitrary: fc.Arbitrary<T>,
  mutate: (token: string, drawn: T, index: number) => string,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.nat(ALGORITHMS.length - 1), arbitrary, async (index, drawn) => {
      const valid = tokens[index]!
      const mutated = mutate(valid, drawn, index)
      fc.pre(mutated !== valid && mutated.length > 0)
      await expectRefused(mutated)
    }),
    { numRuns: FUZZ_RUNS },
  )
}

const printable = fc.stringMatching(/^[!-~]$/)
const name = fc.oneof(
  fc.constantFrom(
    'iss',
    'aud',
    'sub',
    'exp',
    'nbf',
    'iat',
    'jti',
    'scope',
    'cnf',
    '__proto__',
    'alg',
    'kid',
    'typ',
    'crit',
    'jwk',
    'zip',
  ),
  fc.string({ maxLength: 8 }),
)

/** Sets, deletes or renames one member. */
const edit = fc.oneof(
  fc.record({ name, value: fc.jsonValue({ maxDepth: 2 }) }),
  fc.record({ name, rename: name }),
  fc.record({ name }),
)

function edited(
  members: Record<string, unknown>,
  change: { name: string; value?: unknown; rename?: string },
): Record<string, unknown> {
  const others = Object.entries(members).filter(([key]) => key !== change.name)
  if ('value' in change) return Object.fromEntries([...others, [change.name, change.value]])
  if (change.rename === undefined) return Object.fromEntries(others)
  return Object.fromEntries([...others, [change.rename, members[change.name]]])
}

describe('A token that was changed never passes', () => {
  it('the tokens pass as they are', async () => {
    for (const token of tokens) expect((await api.get(token)).status).toBe(200)
  })

  it('in one bit of what its parts hold', async () => {
    const place = fc.record({
      part: fc.nat(2),
      at: fc.double({ min: 0, max: 0.9999, noNaN: true }),
      bit: fc.nat(7),
    })
    await expectAllRefused(place, (token, { part, at, bit }) => {
      const parts = token.split('.')
      const bytes = Buffer.from(parts[part]!, 'base64url')
      bytes[Math.floor(at * bytes.length)]! ^= 1 << bit
      parts[part] = bytes.toString('base64url')
      return parts.join('.')
    })
  })

  it('in one character replaced, put in or taken out', async () => {
    const place = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.nat(3),
      insert: fc.oneof(fc.constant(''), printable),
    })
    await expectAllRefused(place, (token, { at, remove, insert }) => {
      const start = Math.floor(at * token.length)
      return token.slice(0, start) + insert + token.slice(start + remove)
    })
  })

  it('by parts exchanged, repeated or left out', async () => {
    const part = fc.record({ token: fc.nat(ALGORITHMS.length - 1), part: fc.nat(2) })
    await expectAllRefused(fc.array(part, { minLength: 1, maxLength: 5 }), (_token, choices) => {
      const mixed = choices.map(({ token, part: index }) => tokens[token]!.split('.')[index]!)
      fc.pre(!tokens.includes(mixed.join('.')))
      return mixed.join('.')
    })
  })

  it('in one member of its claims, unsigned', async () => {
    await expectAllRefused(edit, (token, change) => {
      const [header, , signature] = token.split('.')
      return `${header}.${encode(edited(takeApart(token).payload, change))}.${signature}`
    })
  })

  it('in one member of its header, unsigned', async () => {
    await expectAllRefused(edit, (token, change) => {
      const [, payload, signature] = token.split('.')
      return `${encode(edited(takeApart(token).header, change))}.${payload}.${signature}`
    })
  })

  it('by a key of somebody else', async () => {
    await expectAllRefused(edit, (token, change) => {
      const { payload } = takeApart(token)
      const header = { alg: 'ES256', kid: 'key-ES256', typ: 'at+jwt' }
      return forge(edited(header, change), payload, stranger)
    })
  })

  it('by another algorithm over the same key', async () => {
    const others = ['HS256', 'HS384', 'HS512', 'RS256', 'RS512', 'PS384', 'ES384', 'EdDSA', 'none']
    await expectAllRefused(fc.constantFrom(...others), (token, alg, index) => {
      const { header, payload } = takeApart(token)
      const key = keys[index]!
      fc.pre(alg !== key.alg)
      const input = `${encode({ ...header, alg })}.${encode(payload)}`
      if (alg.startsWith('HS')) {
        const secret = JSON.stringify(key.jwk)
        return `${input}.${createHmac(`sha${alg.slice(2)}`, secret)
          .update(input)
          .digest('base64url')}`
      }
      return `${input}.${forge(header, payload, key).split('.')[2]}`
    })
  })
})
