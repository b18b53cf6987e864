import { describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import {
  authOf,
  fapi2,
  memoryReplayStore,
  memoryRevocationStore,
  requireBearer,
  requireScope,
  type Fapi2Options,
  type RevocationChecker,
} from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { frozenClock } from '../../tools/api.js'
import { serve } from '../../tools/server.js'

const origin = 'https://api.example.com'
const clock = frozenClock()
const issuer = createTestIssuer({ clock })
const client = issuer.dpopClient()
const url = `${origin}/`

const options = (
  more: Partial<Pick<Fapi2Options, 'revocations' | 'validate'>> = {},
): Fapi2Options => ({
  ...issuer.options,
  origin,
  revocations: memoryRevocationStore({ clock }),
  dpop: { replay: memoryReplayStore() },
  ...more,
})

async function answer(given: Fapi2Options, scheme: string, claims = {}): Promise<unknown> {
  const app = express()
  const guard = requireBearer(fapi2(given))
  app.use(guard)
  app.get('/', (req, res) => void res.send(authOf(req).subject))
  const server = await serve(app)
  const token = issuer.token(claims)
  const asked = request(server.url).get('/').set('Authorization', `${scheme} ${token}`)
  const { status } = await asked.set('DPoP', client.proof(token, { url }))
  await server.close()
  guard.close()
  return status
}

describe('fapi2', () => {
  it('takes bound tokens, and no others (FAPI-01, FAPI-05, 8705-15)', async () => {
    expect(await answer(options(), 'DPoP', { cnf: client.confirmation })).toBe(200)
    expect(await answer(options(), 'Bearer')).toBe(401)
  })

  it('reads no token from the query, and tells what a token lacks (FAPI-02, FAPI-04)', async () => {
    const app = express()
    const guard = requireBearer(fapi2(options()))
    app.get('/', guard, requireScope('pay'), (_req, res) => void res.end())
    const server = await serve(app)
    const token = issuer.token({ cnf: client.confirmation, scope: 'read' })
    const ask = async (path: string, authorization: string): Promise<[number, string]> => {
      const asked = request(server.url).get(path).set('DPoP', client.proof(token, { url }))
      const { status, headers } = await asked.set('Authorization', authorization)
      return [status, String(headers['www-authenticate'])]
    }
    expect(await ask(`/?access_token=${token}`, '')).toEqual([
      401,
      expect.not.stringContaining('error='),
    ])
    expect(await ask('/', `DPoP ${token}`)).toEqual([
      403,
      expect.stringContaining('DPoP realm="api", error="insufficient_scope"'),
    ])
    await server.close()
    guard.close()
  })

  it('asks on each request whether a token is revoked (FAPI-03)', async () => {
    const revocations = memoryRevocationStore({ clock })
    await revocations.revokeToken({
      issuer: issuer.issuer,
      tokenId: 'gone',
      expiresAt: clock.now + 60,
    })
    const bound = { cnf: client.confirmation }
    expect(await answer(options({ revocations }), 'DPoP', { ...bound, jti: 'gone' })).toBe(401)
    expect(await answer(options({ revocations }), 'DPoP', { ...bound, jti: 'here' })).toBe(200)
  })

  it.each<[string, RevocationChecker['check']]>([
    ['rejects', () => Promise.reject(new Error('down'))],
    ['gives no verdict', () => undefined as never],
  ])('is 503 where the store %s (FAPI-03)', async (_name, check) => {
    const revocations = { check, status: () => ({}) as never }
    expect(await answer(options({ revocations }), 'DPoP', { cnf: client.confirmation })).toBe(503)
  })

  it.each([
    ['returns false', () => false as never],
    ['returns an error', () => new Error('no') as never],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('refuses by the validate of the app, which %s', async (_how, validate) => {
    expect(await answer(options({ validate }), 'DPoP', { cnf: client.confirmation })).toBe(401)
  })

  it.each<[string, Partial<Record<keyof Fapi2Options, unknown>>, RegExp]>([
    ['no sender-constraint', { dpop: undefined }, /"dpop" must be given, or "mtls"/],
    ['no revocation', { revocations: undefined }, /"store" must be a RevocationStore/],
    ['RS256 (FAPI-06)', { algorithms: ['RS256'] }, /"algorithms" must be of PS256/],
    [
      'RS256 proofs (FAPI-06)',
      { dpop: { replay: memoryReplayStore(), algorithms: ['RS256'] } },
      /"dpop.algorithms" must/,
    ],
    [
      'plain tokens',
      { dpop: { replay: memoryReplayStore(), mode: 'allow' } },
      /"dpop.mode" must be 'require'/,
    ],
    [
      'plain tokens beside mtls',
      { mtls: { certificate: 'tls', mode: 'allow' } },
      /"mtls.mode" must/,
    ],
    ['anonymous requests', { optional: true }, /^fapi2: "optional" must be left out, got true/],
    ['a validate that is no function', { validate: true }, /^fapi2: "validate" must be/],
  ])('throws for %s', (_name, more, message) => {
    expect(() => fapi2({ ...options(), ...more } as Fapi2Options)).toThrow(message)
  })

  it('may be constrained by certificates alone', () => {
    const more = { dpop: undefined, origin: undefined, mtls: { certificate: 'tls' } }
    const compiled = fapi2({ ...options(), ...more } as Fapi2Options)
    expect(compiled).toMatchObject({ mtls: { certificate: 'tls', mode: 'require' } })
  })
})
