import { describe, expect, it } from '@jest/globals'
import { createVerifier, type Verifier, type VerifierOptions } from '../../lib/fetch.js'
import type { AuthEvent } from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { SHARED, sharedToken } from '../support/shared-secret.js'

const create = (options: object = {}): Verifier => createVerifier({ ...SHARED, ...options })

describe('what createVerifier tells', () => {
  it('is its name and the duration of each verdict', async () => {
    const events: AuthEvent[] = []
    const verifier = create({ onEvent: (event: AuthEvent) => events.push(event) })
    await verifier.verify(sharedToken())
    await expect(verifier.verify('none')).rejects.toMatchObject({ status: 401 })
    const told = { guard: 'createVerifier', durationMs: expect.any(Number) }
    expect(events).toEqual([
      expect.objectContaining({ name: 'bearer.accepted', ...told }),
      expect.objectContaining({ name: 'request.refused', reason: 'malformed_token', ...told }),
    ])
  })
})

describe('a token for createVerifier', () => {
  it.each([undefined, null, 7, ['a.b.c']])('is a string, and not %j', async (token) => {
    const failure: unknown = await create()
      .verify(token as never)
      .catch((error: unknown) => error)
    expect(failure).toEqual(new TypeError('verify: the token is not a string'))
  })

  it('may have as many characters as are allowed, and no more', async () => {
    const verifier = create({ maxTokenChars: 1024 })
    const reasonOf = (token: string): Promise<unknown> =>
      verifier.verify(token).catch(({ reason }: { reason: string }) => reason)
    expect(await reasonOf('a'.repeat(1024))).toBe('malformed_token')
    expect(await reasonOf('a'.repeat(1025))).toBe('token_too_large')
  })
})

describe('the options of createVerifier', () => {
  it('are those of one issuer or of several, and of what is remembered and told', async () => {
    const { issuer, audience, secret } = SHARED
    const verifier = createVerifier({
      issuers: [{ issuer, audience, secret }],
      verifiedTokens: { maxEntries: 10 },
      maxTokenChars: 2048,
      advice: false,
    })
    expect(await verifier.verify(sharedToken())).toMatchObject({ subject: 'user-1' })
  })

  it.each(['clock', 'onEvent', 'advice'])('are named where they are no good: %s', (name) => {
    expect(() => create({ [name]: 'yes' })).toThrow(`createVerifier: "${name}" must be`)
  })
})

describe('a verifier that was closed', () => {
  it('takes keys no more, of whose withdrawal it would not hear', async () => {
    const issuer = createTestIssuer()
    const { jwks } = issuer.options
    const verifier = createVerifier({
      ...issuer.options,
      jwks: async () => jwks,
    } as VerifierOptions)
    await verifier.verify(issuer.token())
    verifier.close()
    await expect(verifier.verify(issuer.token())).rejects.toMatchObject({
      status: 503,
      reason: 'keys_unavailable',
    })
  })
})
