import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express, { type RequestHandler } from 'express'
import * as fc from 'fast-check'
import request from 'supertest'
import {
  authOf,
  AuthError,
  refuse,
  requireAnyScope,
  requireBearer,
  requireScope,
} from '../../lib/index.js'
import { frozenClock } from '../../tools/api.js'
import { bearerParameters } from '../../tools/challenge.js'
import { forge } from '../support/forge.js'
import { createSigningKey, type SigningKey } from '../../tools/issuer.js'
import { FUZZ_RUNS } from '../support/runs.js'
import { serve, type RunningServer } from '../../tools/server.js'

const ISSUER = 'https://id.test'
const AUDIENCE = 'https://api.test'
// prettier-ignore
const ALGORITHMS = [
  'EdDSA', 'Ed25519', 'ES256', 'ES384', 'ES512',
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512',
]
const clock = frozenClock()
const NOW = clock.now

let keys: SigningKey[]
let server: RunningServer
let guard: RequestHandler = (_req, _res, next) => next()

beforeAll(async () => {
  keys = await Promise.all(ALGORITHMS.map((alg) => createSigningKey(alg, alg)))
  const jwks = { keys: keys.map(({ jwk }) => jwk) }
  const app = express()
  app.get('/refuse', (req, res, next) => guard(req, res, next))
  const options = { issuer: ISSUER, audience: AUDIENCE, jwks, clock, clockToleranceSeconds: 0 }
  app.use('/strict', requireBearer({ ...options, profile: 'rfc9068' }))
  app.use('/lenient', requireBearer(options))
  app.use((req, res, next) => guard(req, res, next))
  app.use((req, res) => {
    const { scopes: _scopes, roles: _roles, permissions: _permissions, ...auth } = authOf(req)
    res.json(auth)
  })
  server = await serve(app)
})

afterAll(() => server.close())

async function ask(token: string, path = '/lenient'): Promise<request.Response> {
  return request(server.url).get(path).set('Authorization', `Bearer ${token}`)
}

/** Claims whose values decide something, and those that mark other kinds of tokens. */
const RESERVED = new Set(
  'iss aud sub exp nbf iat jti scope scp sid client_id azp cnf events nonce at_hash c_hash s_hash typ token_use'.split(
    ' ',
  ),
)

const freeClaims = fc.dictionary(
  fc
    .oneof(
      fc.string({ maxLength: 10 }),
      fc.string({ maxLength: 6, unit: 'binary' }),
      fc.constantFrom('__proto__', 'constructor', 'roles', 'permissions', '0', '-1'),
    )
    .filter((name) => !RESERVED.has(name)),
  fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }),
  { maxKeys: 6 },
)

const text = fc.string({ minLength: 1, maxLength: 20, unit: 'binary' })

const validClaims = fc.record(
  {
    iss: fc.constant(ISSUER),
    aud: fc.oneof(
      fc.constant(AUDIENCE),
      fc
        .tuple(fc.array(text, { maxLength: 3 }), fc.array(text, { maxLength: 2 }))
        .map(([before, after]) => [...before, AUDIENCE, ...after]),
    ),
    exp: fc.oneof(
      fc.integer({ min: NOW + 1, max: NOW + 1e6 }),
      fc.double({ min: NOW + 0.001, max: NOW + 1e6, noNaN: true }),
    ),
    nbf: fc.integer({ min: 0, max: NOW }),
    iat: fc.integer({ min: -1e6, max: NOW }),
    sub: text,
    jti: text,
    client_id: text,
    sid: text,
    scope: fc.string({ maxLength: 30 }),
  },
  { requiredKeys: ['iss', 'aud', 'exp'] },
)

/** JSON of the same meaning, in another hand: escapes and white space. */
function otherHand(json: string, escape: boolean, space: string): string {
  const escaped = escape
    ? json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : json
  return `${space}${escaped.replace(/^\{/, `{${space}`)}${space}`
}

describe('Every token within the rules', () => {
  it('passes, and the app sees its claims exactly', async () => {
    const hand = fc.record({
      escape: fc.boolean(),
      space: fc.constantFrom('', ' ', '\n\t', '\r\n'),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.nat(ALGORITHMS.length - 1),
        validClaims,
        freeClaims,
        hand,
        async (index, fixed, free, { escape, space }) => {
          const key = keys[index]!
          const json = JSON.stringify({ ...free, ...fixed })
          const header = { alg: key.alg, kid: key.kid }
          const response = await ask(forge(header, otherHand(json, escape, space), key))
          expect(response.status).toBe(200)
          const { claims, tokenId, ...auth } = JSON.parse(response.text) as {
            claims: unknown
            tokenId: string
          }
          // Compared as text: names like __proto__ are lost on matchers.
          expect(JSON.stringify(claims)).toBe(JSON.stringify(JSON.parse(json)))
          expect(auth).toEqual({
            issuer: ISSUER,
            revocationIssuer: ISSUER,
            subject: fixed.sub,
            clientId: fixed.client_id,
            audience: [fixed.aud].flat(),
            sessionId: fixed.sid,
            issuedAt: fixed.iat,
            expiresAt: fixed.exp,
            transport: 'header',
          })
          const isHash = fixed.jti === undefined && /^[\w-]{43}$/.test(tokenId)
          expect([tokenId, isHash]).toEqual([fixed.jti ?? tokenId, fixed.jti === undefined])
        },
      ),
      { numRuns: FUZZ_RUNS },
    )
  })
})

const scopeName = fc.constantFrom(
  'a',
  'b',
  'c',
  'A',
  'a:read',
  '__proto__',
  'constructor',
  'a.b',
  "'",
  '!',
)
const claim = fc.oneof(
  fc.array(scopeName, { maxLength: 5 }).map((names) => names.join(' ')),
  fc
    .tuple(fc.array(scopeName, { maxLength: 3 }), fc.constantFrom('  ', ' ', '\t', ',', '\n'))
    .map(([names, separator]) => names.join(separator)),
)

async function askWithScope(scope: unknown, path?: string): Promise<number> {
  const [key] = keys
  const named = { sub: 'user-1', client_id: 'client-1', jti: 'token-1' }
  const payload = { iss: ISSUER, aud: AUDIENCE, iat: NOW, exp: NOW + 300, scope, ...named }
  const header = { alg: key!.alg, kid: key!.kid, typ: 'at+jwt' }
  return (await ask(forge(header, payload, key!), path)).status
}

describe('Scopes', () => {
  it('requireScope is set inclusion over the claim split on spaces', async () => {
    await fc.assert(
      fc.asyncProperty(
        claim,
        fc.array(scopeName, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (scope, required, joined) => {
          guard = requireScope(joined ? required.join(' ') : required)
          const granted = new Set(scope.split(' '))
          const expected = required.every((name) => granted.has(name)) ? 200 : 403
          expect(await askWithScope(scope)).toBe(expected)
        },
      ),
      { numRuns: FUZZ_RUNS },
    )
    guard = (_req, _res, next) => next()
  })

  it('are text: nothing else grants one, but a list of texts where the profile is lenient', async () => {
    const shapes = fc.oneof(
      fc.constantFrom<unknown>({ a: true }, { a: 'a' }, [['a']], [{ a: 1 }], true, null, 0),
      fc.jsonValue({ maxDepth: 2 }),
      fc.array(fc.oneof(scopeName, fc.jsonValue({ maxDepth: 1 })), { maxLength: 3 }),
    )
    const property = fc.asyncProperty(shapes, async (scope) => {
      guard = requireScope('a')
      const items = typeof scope === 'string' ? [scope] : scope
      const isList = Array.isArray(items) && items.every((item) => typeof item === 'string')
      const granted = isList && items.flatMap((item) => item.split(' ')).includes('a')
      const refusal = isList || scope === null ? 403 : 401
      expect(await askWithScope(scope)).toBe(granted ? 200 : refusal)
      const strictRefusal = typeof scope === 'string' || scope === null ? 403 : 401
      const grantedByText = granted && typeof scope === 'string'
      expect(await askWithScope(scope, '/strict')).toBe(grantedByText ? 200 : strictRefusal)
    })
    await fc.assert(property, { numRuns: FUZZ_RUNS })
    guard = (_req, _res, next) => next()
  })

  it('requireAnyScope is the union of inclusions', async () => {
    const alternative = fc.array(scopeName, { minLength: 1, maxLength: 2 })
    await fc.assert(
      fc.asyncProperty(
        claim,
        fc.array(alternative, { minLength: 1, maxLength: 3 }),
        async (scope, alternatives) => {
          guard = requireAnyScope(alternatives.map((names) => names.join(' ')))
          const granted = new Set(scope.split(' '))
          const passes = alternatives.some((names) => names.every((name) => granted.has(name)))
          expect(await askWithScope(scope)).toBe(passes ? 200 : 403)
        },
      ),
      { numRuns: FUZZ_RUNS },
    )
    guard = (_req, _res, next) => next()
  })
})

describe('Challenges', () => {
  it('parse by the strict grammar, whatever realm and scopes an app puts in', async () => {
    const any = fc.string({ maxLength: 20, unit: 'binary' })
    const code = fc.constantFrom(
      'no_credential',
      'invalid_request',
      'invalid_token',
      'insufficient_scope',
    )
    await fc.assert(
      fc.asyncProperty(any, fc.array(any, { maxLength: 4 }), code, async (realm, scopes, error) => {
        guard = (req, res) => {
          refuse(req, res, new AuthError(error, { reason: 'scope_missing', scopes }), {
            realm,
            errorFormat: 'oauth',
          })
        }
        const { headers } = await request(server.url).get('/refuse')
        const parameters = bearerParameters(headers['www-authenticate']!)
        expect(parameters['error']).toBe(error === 'no_credential' ? undefined : error)
      }),
      { numRuns: FUZZ_RUNS },
    )
    guard = (_req, _res, next) => next()
  })
})
