import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { AuthError, invalidToken } from '../../../lib/core/verdicts/errors.js'
import { createDecision, type BearerDecision } from '../../../lib/guards/bearer/decision.js'
import { createResponder } from '../../../lib/http/guard/responder.js'
import type { PresentedToken } from '../../../lib/http/guard/token-verifier.js'
import { FetchHead } from '../../../lib/http/request/fetch-head.js'
import { NO_PROOFS } from '../../../lib/tokens/proof/binding/possession.js'
import type { Proofs } from '../../../lib/tokens/proof/proofs.js'
import { SHARED, sharedToken } from '../../support/shared-secret.js'

const check = optionCheck('requireBearer')
const PROOFS = { possession: NO_PROOFS, dpopAlgorithms: undefined, mtls: false, required: false }

const create = (options: object = {}, proofs: Partial<Proofs> = {}): BearerDecision =>
  createDecision(check, { ...SHARED, ...options }, createResponder(check, {}), {
    ...PROOFS,
    ...proofs,
  })

const headOf = (headers: Record<string, string> = {}, method = 'GET', address = ''): FetchHead =>
  new FetchHead(new Request('http://api.test/notes', { method, headers }), address)

/** The verdict in words: how the token came, or why it is refused. */
async function judged(
  decision: BearerDecision,
  authorization: string | undefined | AuthError,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<string> {
  const outcome = await decision.judge(headOf(headers, method), authorization)
  return outcome instanceof AuthError
    ? `${outcome.status} ${outcome.reason}`
    : `${outcome.auth.transport} ${outcome.auth.tokenId}`
}

const bearer = (claims: object = {}): string => `Bearer ${sharedToken(claims)}`
const cookie = (): Record<string, string> => ({ cookie: `at=${sharedToken()}` })
const OWN = { 'sec-fetch-site': 'same-origin' }
const FOREIGN = { 'sec-fetch-site': 'cross-site' }

describe('a token in Authorization', () => {
  it.each<[string, string | AuthError, string]>([
    ['passes', bearer(), 'header token-1'],
    ['passes in any case of the scheme', bearer().replace('Bearer', 'bEARER'), 'header token-1'],
    ['is refused where it is expired', bearer({ exp: 5 }), '401 expired'],
    ['is refused where it is none', 'Bearer a b', '400 malformed_authorization'],
    ['is refused where it is no JWT, but might be a token', 'Bearer abc', '401 malformed_token'],
    ['is refused with characters of no token', 'Bearer a"b', '400 malformed_authorization'],
    ['is refused with such in a JWT', 'Bearer a".b.c', '400 malformed_authorization'],
    ['is refused where its parts are no JSON', 'Bearer a.b.c', '401 malformed_token'],
    ['is absent in another scheme', 'Basic YTpi', '401 unsupported_scheme'],
    ['is absent in the scheme of proofs', 'DPoP abc', '401 unsupported_scheme'],
    ['is refused where the header is', invalidToken('expired'), '401 expired'],
  ])('%s', async (_name, authorization, expected) => {
    expect(await judged(create(), authorization)).toBe(expected)
  })

  it('is refused where it is longer than is read', async () => {
    const decision = create({ maxTokenChars: 1024 })
    expect(await judged(decision, `Bearer ${'a'.repeat(1025)}`)).toBe('400 token_too_large')
    expect(await judged(decision, `Bearer ${'a'.repeat(1024)}`)).toBe('401 malformed_token')
  })

  it('is judged in the scheme of proofs where they are taken', async () => {
    const decision = create({}, { dpopAlgorithms: ['ES256'] })
    expect(decision.source.takesDpop).toBe(true)
    expect(await judged(decision, `DPoP ${sharedToken()}`)).not.toBe('401 unsupported_scheme')
  })

  it('is remembered under the whole header', async () => {
    const decision = create()
    const authorization = bearer({ jti: 'known' })
    await judged(decision, authorization)
    expect(decision.source.recall(authorization)).toMatchObject({ auth: { tokenId: 'known' } })
    expect(decision.source.recall(authorization.slice('Bearer '.length))).toBeUndefined()
  })

  it('is absent where none came', async () => {
    expect(await judged(create(), undefined)).toBe('401 no_credential')
  })
})

describe('a token in a cookie', () => {
  const decision = create({ cookie: 'at' })

  it.each<[string, string | undefined, Record<string, string>, string, string]>([
    ['passes from our own pages', undefined, { ...OWN, ...cookie() }, 'POST', 'cookie token-1'],
    [
      'does not from a foreign page',
      undefined,
      { ...FOREIGN, ...cookie() },
      'POST',
      '403 csrf_cross_site',
    ],
    ['is absent where there is none', undefined, OWN, 'GET', '401 no_credential'],
    [
      'stands back behind a header',
      bearer({ jti: 'other' }),
      { ...OWN, ...cookie() },
      'GET',
      'header other',
    ],
    [
      'never makes up for a bad header',
      bearer({ exp: 5 }),
      { ...OWN, ...cookie() },
      'GET',
      '401 expired',
    ],
    [
      'never makes up for another scheme',
      'Basic YTpi',
      { ...OWN, ...cookie() },
      'GET',
      '401 unsupported_scheme',
    ],
  ])('%s', async (_name, authorization, headers, method, expected) => {
    expect(await judged(decision, authorization, headers, method)).toBe(expected)
  })

  it('is remembered apart from one in a header', async () => {
    const token = sharedToken({ jti: 'in a cookie' })
    await judged(decision, undefined, { ...OWN, cookie: `at=${token}` })
    expect(decision.source.recall(`\n${token}`)).toMatchObject({ auth: { transport: 'cookie' } })
    expect(await judged(decision, undefined, { ...OWN, cookie: `at=${token}` })).toBe(
      'cookie in a cookie',
    )
    expect(decision.source.recall(`\t${token}`)).toBeUndefined()
  })
})

describe('a token in a header of another name', () => {
  const decision = create({ header: { name: 'X-Token' } })

  it('passes from our own pages, and not from foreign ones', async () => {
    const token = { 'x-token': sharedToken() }
    expect(await judged(decision, undefined, { ...OWN, ...token }, 'POST')).toBe(
      'named-header token-1',
    )
    expect(await judged(decision, undefined, { ...FOREIGN, ...token }, 'POST')).toBe(
      '403 csrf_cross_site',
    )
  })

  it('is remembered apart from one in a cookie', async () => {
    const token = sharedToken({ jti: 'named' })
    await judged(decision, undefined, { ...OWN, 'x-token': token })
    expect(decision.source.recall(`\t${token}`)).toMatchObject({
      auth: { transport: 'named-header' },
    })
    expect(decision.source.recall(`\n${token}`)).toBeUndefined()
  })

  it('leaves room for a cookie only where it did not come', async () => {
    const both = create({ header: { name: 'X-Token' }, cookie: 'at' })
    const sent = { ...OWN, cookie: `at=${sharedToken()}` }
    expect(await judged(both, undefined, sent)).toBe('cookie token-1')
    expect(await judged(both, undefined, { ...sent, 'x-token': 'a b' })).toMatch(/^400 /)
  })

  it('has no place beside proofs', () => {
    expect(() => create({ header: { name: 'X-Token' } }, { dpopAlgorithms: ['ES256'] })).toThrow(
      'requireBearer: "header" must be left out beside "dpop": proofs belong to "Authorization"',
    )
  })
})

describe('where a decision looks', () => {
  it.each<[string, object, boolean, boolean, string[]]>([
    ['Authorization alone', {}, true, false, []],
    ['a cookie too', { cookie: 'at' }, true, true, ['Cookie']],
    ['a header in its place', { header: { name: 'X-Token' } }, false, true, ['x-token']],
    [
      'a header and a cookie',
      { header: { name: 'X-Token' }, cookie: 'at' },
      false,
      true,
      ['x-token', 'Cookie'],
    ],
  ])('%s', (_name, options, readsAuthorization, readsWelded, carriers) => {
    const decision = create(options)
    expect(decision).toMatchObject({ readsAuthorization, readsWelded })
    const vary = decision.vary(headOf())
    expect(vary.slice(0, carriers.length)).toEqual(carriers)
    expect(vary).toContain('Sec-Fetch-Site')
  })
})

describe('refusals of one network', () => {
  it('are answered as they are where nobody counts', () => {
    const error = invalidToken('malformed_token')
    expect(create().counted(headOf(), error)).toBe(error)
  })

  it('are answered by 429 once there were too many, and no more work is done for it', async () => {
    const decision = create({ throttle: { failuresPerNetwork: 2 } })
    const head = headOf({}, 'GET', '192.0.2.7')
    const error = invalidToken('malformed_token')
    const statuses: number[] = []
    for (let n = 0; n < 4; n += 1) statuses.push((await decision.counted(head, error)).status)
    expect([statuses[0], statuses.at(-1)]).toEqual([401, 429])
    const other = await decision.counted(headOf({}, 'GET', '198.51.100.7'), error)
    expect(other.status).toBe(401)
    // A good token still passes.
    const outcome = await decision.judge(head, bearer())
    expect(outcome).toMatchObject({ auth: { tokenId: 'token-1' } })
  })

  it('are told to a verifier of the app, which may ask nobody for that network then', async () => {
    const throttled: boolean[] = []
    const verify = (token: PresentedToken): AuthError => {
      throttled.push(token.throttled)
      return invalidToken('revoked')
    }
    const responder = createResponder(check, {})
    const options = { verifier: { verify }, throttle: { failuresPerNetwork: 1 } }
    const decision = createDecision(check, options, responder, PROOFS)
    const sender = headOf({}, 'GET', '192.0.2.7')
    const answer = async (head: FetchHead): Promise<number> => {
      const refusal = await decision.judge(head, 'Bearer opaque')
      return refusal instanceof AuthError ? (await decision.counted(head, refusal)).status : 200
    }
    expect([await answer(sender), await answer(sender)]).toEqual([401, 429])
    expect(await answer(headOf({}, 'GET', '198.51.100.7'))).toBe(401)
    expect(throttled).toEqual([false, true, false])
  })
})

describe('a verifier of the app', () => {
  it.each([
    ['header', {}, 'Bearer opaque', {}],
    ['cookie', { cookie: 'at' }, undefined, { ...OWN, cookie: 'at=opaque' }],
    ['named-header', { header: { name: 'X-Token' } }, undefined, { ...OWN, 'x-token': 'opaque' }],
  ] as const)(
    'is told how a token came, where nobody counts: by %s',
    async (transport, options, authorization, headers) => {
      const seen: PresentedToken[] = []
      const verify = (token: PresentedToken): AuthError => {
        seen.push(token)
        return invalidToken('revoked')
      }
      const responder = createResponder(check, {})
      const decision = createDecision(
        check,
        { verifier: { verify }, ...options },
        responder,
        PROOFS,
      )
      expect(await judged(decision, authorization, headers)).toBe('401 revoked')
      expect(seen).toEqual([{ token: 'opaque', scheme: 'Bearer', transport, throttled: false }])
    },
  )
})
