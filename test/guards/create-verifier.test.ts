import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createVerifier, type Verifier, type VerifierOptions } from '../../lib/fetch.js'
import { AuthError, memoryRevocationStore, type AuthEvent } from '../../lib/index.js'
import { createTestIssuer, type TestClock, type TestIssuer } from '../../lib/testing.js'
import { frozenClock, startApi } from '../../tools/api.js'

let issuer: TestIssuer
let clock: TestClock
let verifier: Verifier
let events: AuthEvent[]

beforeEach(async () => {
  clock = frozenClock()
  events = []
  issuer = createTestIssuer({ clock })
  await issuer.listen()
  verifier = createVerifier({
    ...issuer.options,
    onEvent: (event) => void events.push(event),
  })
})

afterEach(() => verifier.close())

async function failure(token: string): Promise<unknown> {
  const error: unknown = await verifier.verify(token).catch((thrown: unknown) => thrown)
  return error instanceof AuthError ? [error.code, error.reason] : error
}

describe('createVerifier', () => {
  it('gives the same Auth as requireBearer, a known token by the same object', async () => {
    const api = await startApi(issuer)
    const token = issuer.token({ scope: 'read' })
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
    const auth = await verifier.verify(issuer.token())
    expect(await store.check(auth)).toEqual({ revoked: false })
    await store.revokeToken(auth)
    expect(await store.check(auth)).toMatchObject({ revoked: true })
  })

  it.each([
    ['nothing', () => '', 'malformed_token'],
    ['what is no JWT', () => 'abc', 'malformed_token'],
    ['what is too long', () => 'a'.repeat(12_289), 'token_too_large'],
    ['an expired token', () => issuer.expired(), 'expired'],
    ['a forged token', () => issuer.wrongKey(), 'bad_signature'],
  ])('rejects with an AuthError for %s', async (_name, make, reason) => {
    const code = reason === 'token_too_large' ? 'invalid_request' : 'invalid_token'
    expect(await failure(make())).toEqual([code, reason])
    expect(events.at(-1)).toMatchObject({
      name: 'request.refused',
      guard: 'createVerifier',
      reason,
    })
  })

  it('rejects for a known token once it has expired', async () => {
    const token = issuer.token()
    await verifier.verify(token)
    clock.now += 3600
    expect(await failure(token)).toEqual(['invalid_token', 'expired'])
  })

  it('says that it cannot know, where keys cannot be had', async () => {
    await issuer.outage('refused')
    expect(await failure(issuer.token())).toEqual(['temporarily_unavailable', 'keys_unavailable'])
  })

  it('knows no options of requests', () => {
    const options = { ...issuer.options, cookie: 'at' }
    expect(() => createVerifier(options as VerifierOptions)).toThrow(/createVerifier.*"cookie"/)
  })

  it('names the place of an option that stands elsewhere now', () => {
    const options = { ...issuer.options, scopeClaim: 'scp' }
    expect(() => createVerifier(options as VerifierOptions)).toThrow('Did you mean "claims.scope"?')
  })

  it('has keys before it is asked, and tells how they are', async () => {
    await verifier.ready()
    expect(verifier.status()).toMatchObject([{ issuer: issuer.issuer, state: 'fresh' }])
  })
})
