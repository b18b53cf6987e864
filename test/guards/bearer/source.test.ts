import { describe, expect, it } from '@jest/globals'
import { systemClock } from '../../../lib/core/clock.js'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { AuthError, invalidToken } from '../../../lib/core/verdicts/errors.js'
import { createSource, provenBy, type VerdictSource } from '../../../lib/guards/bearer/source.js'
import type { PresentedToken } from '../../../lib/http/guard/token-verifier.js'
import { FetchHead } from '../../../lib/http/request/fetch-head.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { bearer } from '../../../lib/tokens/introspection/asking/client-auth.js'
import { NO_PROOFS, type Possession } from '../../../lib/tokens/proof/binding/possession.js'
import type { Proofs } from '../../../lib/tokens/proof/proofs.js'
import { authWith } from '../../support/behind-bearer.js'
import { SHARED, sharedToken } from '../../support/shared-secret.js'

const check = optionCheck('requireBearer')
const events = { active: false, emit: () => undefined } as never
const head = new FetchHead(new Request('http://api.test/notes'))

const create = (options: object, possession: Possession = NO_PROOFS, dpop = false): VerdictSource =>
  createSource(check, options as never, { events, clock: systemClock }, {
    possession,
    dpopAlgorithms: dpop ? ['ES256'] : undefined,
  } as Proofs)

const presented = (token: string): PresentedToken => ({
  token,
  scheme: 'Bearer',
  transport: 'header',
  throttled: false,
})

/** The verdict in words. */
async function judged(source: VerdictSource, token: string): Promise<string> {
  const outcome = await source.verify(presented(token), token, head)
  if (outcome instanceof AuthError) return `${outcome.code} ${outcome.reason}`
  return `${outcome.auth.subject} ${outcome.nonce ?? ''}`.trim()
}

/** Takes a bound token by its proof alone. */
const proving = (verdict: AuthError | { nonce?: string }): Possession => ({
  needOf: () => ({ keyThumbprint: 'x' }) as never,
  judge: () => verdict,
})

describe('verdicts of issuers that are trusted', () => {
  const source = create(SHARED)

  it('come from them, and the issuers are known', async () => {
    expect(source.issuers).toEqual([SHARED.issuer])
    expect(source.policies.map(({ issuers }) => issuers[0])).toEqual([SHARED.issuer])
    expect(source.status().map(({ issuer }) => issuer)).toEqual([SHARED.issuer])
    await expect(source.ready()).resolves.toBeUndefined()
    expect(await judged(source, sharedToken())).toBe('user-1')
    const forged = sharedToken({}, {}, Buffer.alloc(32, 9))
    expect(await judged(source, forged)).toBe('invalid_token bad_signature')
  })

  it('are recalled by the text that brought the token', async () => {
    const token = sharedToken({ jti: 'recalled' })
    expect(source.recall(token)).toBeUndefined()
    await judged(source, token)
    expect(source.recall(token)).toMatchObject({ auth: { tokenId: 'recalled' } })
    expect(source.recall(`\n${token}`)).toBeUndefined()
  })

  it('are recalled no more where nothing is to be remembered', async () => {
    const forgetful = create({ ...SHARED, verifiedTokens: false })
    const token = sharedToken()
    await judged(forgetful, token)
    expect(forgetful.recall(token)).toBeUndefined()
  })

  it('are none once it is closed, where keys were fetched: nobody would hear of a withdrawal', async () => {
    const issuer = createTestIssuer()
    const { jwks } = issuer.options
    const fetching = create({ ...issuer.options, jwks: async () => jwks })
    expect(await judged(fetching, issuer.token())).toBe('user-1')
    fetching.close()
    expect(await judged(fetching, issuer.token())).toBe('temporarily_unavailable keys_unavailable')
  })

  it('are asked for where a token says nothing itself, and an issuer is named for that', async () => {
    const endpoint = 'http://127.0.0.1:1/introspect'
    const introspection = { endpoint, clientId: 'api', clientAuth: bearer('api') }
    const asking = create({ ...SHARED, introspection })
    expect(await judged(asking, 'opaque')).toBe('temporarily_unavailable introspection_unavailable')
    expect(await judged(asking, sharedToken())).toBe('user-1')
    expect(await judged(source, 'opaque')).toBe('invalid_token malformed_token')
    asking.close()
  })

  it('take the scheme DPoP where proofs are taken', () => {
    expect(source.takesDpop).toBe(false)
    expect(create(SHARED, NO_PROOFS, true).takesDpop).toBe(true)
  })
})

const answering = (answer: () => unknown): VerdictSource => create({ verifier: { verify: answer } })

describe('verdicts of a verifier of the app', () => {
  it.each<[string, () => unknown, string]>([
    ['an Auth', () => authWith(), 'user-1'],
    ['an Auth later', async () => authWith(), 'user-1'],
    ['a refusal', () => invalidToken('expired'), 'invalid_token expired'],
    ['a refusal later', async () => invalidToken('expired'), 'invalid_token expired'],
    [
      'a refusal that is thrown',
      () => {
        throw invalidToken('expired')
      },
      'invalid_token expired',
    ],
    [
      '"no credential", which would make a refused token anonymous',
      () => new AuthError('no_credential', { reason: 'no_credential' }),
      'invalid_token refused_by_validate',
    ],
  ])('are what it answers: %s', async (_name, answer, expected) => {
    expect(await judged(answering(answer), 'opaque')).toBe(expected)
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['false', false],
    ['true', true],
    ['an empty object', {}],
    ['an Auth without an id', { ...authWith(), tokenId: undefined }],
    ['an Auth without scopes', { ...authWith(), scopes: undefined }],
    ['an Auth whose roles are null', { ...authWith(), roles: null }],
    ['an Auth whose permissions are a list', { ...authWith(), permissions: ['a'] }],
  ])('are none where it answers %s, at once or later', async (_name, answer) => {
    const complaint = 'verifier.verify() must return an Auth or an AuthError'
    await expect(
      judged(
        answering(() => answer),
        'opaque',
      ),
    ).rejects.toThrow(complaint)
    await expect(
      judged(
        answering(async () => answer),
        'opaque',
      ),
    ).rejects.toThrow(complaint)
  })

  it('pass on what it throws', async () => {
    const fault = new Error('a fault')
    const source = answering(() => {
      throw fault
    })
    await expect(judged(source, 'opaque')).rejects.toBe(fault)
  })

  it('are not asked for about what can be no token', async () => {
    const asked: unknown[] = []
    const source = answering((...args: unknown[]) => asked.push(args))
    expect(await judged(source, 'a b')).toBe('invalid_request malformed_authorization')
    expect(asked).toEqual([])
  })

  it('are asked for with the token and its request, and never remembered', async () => {
    const asked: unknown[] = []
    const verifier = { verify: (...args: unknown[]) => (asked.push(args), authWith()) }
    const source = create({ verifier })
    await judged(source, 'opaque')
    expect(asked).toEqual([[presented('opaque'), head]])
    expect(source.recall('opaque')).toBeUndefined()
    expect([source.issuers, source.policies, source.status()]).toEqual([[], [], []])
    await expect(source.ready()).resolves.toBeUndefined()
    expect(source.close()).toBeUndefined()
  })

  it('count for a bound token only with its proof', async () => {
    const verifier = { verify: () => authWith() }
    const refusal = invalidToken('bound_token', 'x')
    expect(await judged(create({ verifier }, proving(refusal)), 'opaque')).toBe(
      'invalid_token bound_token',
    )
    expect(await judged(create({ verifier }, proving({ nonce: 'n' })), 'opaque')).toBe('user-1 n')
  })

  it('are proven by the token, and by the request that brought it', async () => {
    const shown: unknown[] = []
    const showing: Possession = {
      ...proving({}),
      judge: (_need, presentation) => (shown.push(presentation), {}),
    }
    await judged(create({ verifier: { verify: () => authWith() } }, showing), 'opaque')
    expect(shown).toEqual([{ ...presented('opaque'), head }])
  })

  it('have no other verifier beside them', () => {
    expect(() => create({ verifier: {} })).toThrow('"verifier" must have a function')
  })
})

describe('a token that is bound', () => {
  const auth = authWith()

  it('passes by itself where nothing need be proven', () => {
    expect(provenBy(NO_PROOFS, auth, { token: 't' })).toEqual({ auth })
  })

  it('passes with the nonce that its proof leaves', () => {
    expect(provenBy(proving({ nonce: 'n' }), auth, { token: 't' })).toEqual({ auth, nonce: 'n' })
  })
})
