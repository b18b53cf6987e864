import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createVerifier, type Verifier, type VerifierOptions } from '../../lib/fetch.js'
import { AuthError, memoryRevocationStore, type AuthEvent } from '../../lib/index.js'
import { frozenClock, startApi, type FrozenClock } from '../../tools/api.js'
import { startIssuer, type TestIssuer } from '../../tools/issuer.js'

let issuer: TestIssuer
let clock: FrozenClock
let verifier: Verifier
let events: AuthEvent[]

beforeEach(async () => {
  clock = frozenClock()
  events = []
  issuer = await startIssuer({ clock })
  verifier = createVerifier({
    issuer: issuer.url,
    audience: issuer.audience,
    clock,
    onEvent: (event) => void events.push(event),
  })
})

afterEach(async () => {
  verifier.close()
  await issuer.close()
})

async function failure(token: string): Promise<unknown> {
  const error: unknown = await verifier.verify(token).catch((thrown: unknown) => thrown)
  return error instanceof AuthError ? [error.code, error.reason] : error
}

describe('createVerifier', () => {
  it('gives the same Auth as requireBearer, a known token by the same object', async () => {
    const api = await startApi(issuer, { clock })
    const token = await issuer.token()
    const auth = await verifier.verify(token)
    const { scopes, roles, permissions, ...rest } = auth
    const sets = { scopes: [...scopes], roles: [...roles], permissions: [...permissions] }
    expect((await api.get(token)).body).toEqual(JSON.parse(JSON.stringify({ ...rest, ...sets })))
    expect(await verifier.verify(token)).toBe(auth)
    expect(Object.isFrozen(auth)).toBe(true)
    await api.close()
  })

  it('gives an Auth that a denylist can be asked about', async () => {
    const store = memoryRevocationStore({ clock })
    const auth = await verifier.verify(await issuer.token())
    expect(await store.check(auth)).toEqual({ revoked: false })
    await store.revokeToken(auth)
    expect(await store.check(auth)).toMatchObject({ revoked: true })
  })

  it.each([
    ['nothing', () => '', 'malformed_token'],
    ['what is no JWT', () => 'abc', 'malformed_token'],
    ['what is too long', () => 'a'.repeat(12_289), 'token_too_large'],
    ['an expired token', () => issuer.token({ exp: clock() - 60 }), 'expired'],
    [
      'a forged token',
      async () => `${(await issuer.token()).slice(0, -20)}${'A'.repeat(20)}`,
      'bad_signature',
    ],
  ])('rejects with an AuthError for %s', async (_name, make, reason) => {
    const code = reason === 'token_too_large' ? 'invalid_request' : 'invalid_token'
    expect(await failure(await make())).toEqual([code, reason])
    expect(events.at(-1)).toMatchObject({
      name: 'request.refused',
      guard: 'createVerifier',
      reason,
    })
  })

  it('rejects for a known token once it has expired', async () => {
    const token = await issuer.token()
    await verifier.verify(token)
    clock.now += 3600
    expect(await failure(token)).toEqual(['invalid_token', 'expired'])
  })

  it('says that it cannot know, where keys cannot be had', async () => {
    const token = await issuer.token()
    issuer.intercept = (req) => {
      req.socket.destroy()
      return true
    }
    expect(await failure(token)).toEqual(['temporarily_unavailable', 'keys_unavailable'])
  })

  it('knows no options of requests', () => {
    const options = { issuer: issuer.url, audience: issuer.audience, cookie: 'at' }
    expect(() => createVerifier(options as VerifierOptions)).toThrow(/createVerifier.*"cookie"/)
  })

  it('names the place of an option that stands elsewhere now', () => {
    const options = { issuer: issuer.url, audience: issuer.audience, scopeClaim: 'scp' }
    expect(() => createVerifier(options as VerifierOptions)).toThrow('Did you mean "claims.scope"?')
  })

  it('has keys before it is asked, and tells how they are', async () => {
    await verifier.ready()
    expect(verifier.status()).toMatchObject([{ issuer: issuer.url, state: 'fresh' }])
  })
})
