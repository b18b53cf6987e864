import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { CompactSign, importJWK } from 'jose'
import { NOBODY } from '../../../../lib/core/queue/sender.js'
import type { AuthError } from '../../../../lib/core/verdicts/errors.js'
import type { RequestHead } from '../../../../lib/http/request/request-head.js'
import { withCryptoSlot } from '../../../../lib/tokens/jwt/crypto-concurrency.js'
import {
  client,
  judging,
  NONCE,
  NOW,
  ORIGIN,
  proof,
  storeOf,
  thief,
  type Judging,
} from '../../../support/proof-step.js'

afterEach(() => void jest.restoreAllMocks())

/** A proof by the client over exactly this payload. */
async function proofOver(payload: string): Promise<string> {
  return new CompactSign(Buffer.from(payload))
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: client.jwk })
    .sign(await importJWK(client.privateJwk, 'ES256'))
}

function forged(text: string): string {
  const [header, payload] = text.split('.')
  return `${header}.${payload}.${Buffer.alloc(64, 1).toString('base64url')}`
}

/** A proof whose claims name one of them twice: other readers see another one than we do. */
async function proofReadTwoWays(): Promise<string> {
  const payload = Buffer.from((await proof()).split('.')[1]!, 'base64url').toString()
  return proofOver(payload.replace('{', '{"htm":"DELETE",'))
}

describe('a request with a bound token', () => {
  it('passes by one good proof, which is used up for as long as it is good', async () => {
    const { claims, replay } = storeOf()
    expect(await judging({ replay })(await proof())).toEqual({ nonce: undefined })
    const { jkt: thumbprint } = client.confirmation
    expect(claims).toEqual([
      { thumbprint, proofId: expect.stringMatching(/^[\w-]{43}$/), ttlMs: 81_000 },
    ])
  })

  it.each<[string, () => Promise<string | string[]>, string, RegExp, Judging?]>([
    ['no proof', async () => [], 'missing_proof', /no DPoP header/],
    ['several', async () => [await proof(), await proof()], 'missing_proof', /several proofs/],
    ['one of no algorithm', () => proof().then(withoutAlgorithm), 'malformed_proof', /its "alg"/],
    [
      'one of an algorithm that is not wanted here',
      proof,
      'malformed_proof',
      /its "alg" is not one of/,
      { algorithms: ['PS256', 'ES384'] },
    ],
    ['one that is no proof', () => proof({}, { typ: 'JWT' }), 'malformed_proof', /its "typ"/],
    ['one of another method', () => proof({ htm: 'PUT' }), 'proof_mismatch', /its "htm"/],
    ['one of another API', () => proof({ htu: 'https://b.test/notes' }), 'proof_mismatch', /htu/],
    ['one of another token', () => client.proof('other'), 'proof_mismatch', /its "ath"/],
    ['one without a name', () => proof({ jti: '' }), 'malformed_proof', /^The proof has no "jti"$/],
    [
      'one without a time',
      () => proof({ iat: undefined }),
      'malformed_proof',
      /^The proof has no "iat"$/,
    ],
    ['one whose time is a text', () => proof({ iat: `${NOW}` }), 'malformed_proof', /no "iat"$/],
    [
      'one without a time, though by a nonce',
      () => proof({ iat: undefined }),
      'malformed_proof',
      /no "iat"$/,
      { nonce: NONCE },
    ],
    [
      'one that somebody else signed',
      () => proof().then(forged),
      'bad_proof_signature',
      /^The signature does not verify$/,
    ],
    [
      'one whose claims name a member twice',
      proofReadTwoWays,
      'malformed_proof',
      /^The claims of the proof have more than one reading$/,
    ],
  ])('is refused, and uses nothing up, with %s', async (_what, sent, reason, detail, more = {}) => {
    const { claims, replay } = storeOf()
    expect(await judging({ ...more, replay })(await sent())).toMatchObject({
      code: 'invalid_dpop_proof',
      reason,
      detail: expect.stringMatching(detail),
    })
    expect(claims).toEqual([])
  })

  it('is refused as a stolen token where the proof is by another key', async () => {
    const { claims, replay } = storeOf()
    expect(await judging({ replay })(await thief.proof('token'))).toMatchObject({
      code: 'invalid_token',
      reason: 'wrong_key',
      detail: 'The proof is by another key than the token is bound to',
    })
    expect(claims).toEqual([])
  })

  it('is not refused for its proof where there is no time to verify it', async () => {
    const { claims, replay } = storeOf()
    const key = { type: 'secret' } as never
    const ends: (() => void)[] = []
    const check = (): Promise<void> => new Promise((resolve) => ends.push(resolve))
    const busy = [1, 2].map(() => withCryptoSlot({ key, sender: NOBODY, check }))
    const sender = { network: 'n', arrivedAt: -1_000_000, gone: true }
    const verdict = await judging({ replay })(await proof(), {}, { sender })
    for (const end of ends) end()
    await Promise.all(busy)
    expect(verdict).toMatchObject({ code: 'temporarily_unavailable', family: 'dependency' })
    expect(claims).toEqual([])
  })
})

function withoutAlgorithm(text: string): string {
  const [header, payload] = text.split('.')
  const members = JSON.parse(Buffer.from(header!, 'base64url').toString()) as object
  const none = Buffer.from(JSON.stringify({ ...members, alg: 'none' })).toString('base64url')
  return `${none}.${payload}.AAAA`
}

describe('the origin that a proof must name', () => {
  it.each<[string, readonly string[], Partial<RequestHead>, string | undefined]>([
    ['is one of ours', ['https://b.test', ORIGIN], {}, undefined],
    ['is the one that a trusted proxy tells', [], { proxiedOrigin: ORIGIN }, undefined],
    ['is no other than that', [], { proxiedOrigin: 'https://b.test' }, 'proof_mismatch'],
    ['is ours, whatever a proxy tells', [ORIGIN], { proxiedOrigin: 'https://b.test' }, undefined],
    ['is followed by the path that was asked for', [ORIGIN], { target: '/notes?a' }, undefined],
    ['is followed by no path of a router', [ORIGIN], { target: '/api/notes' }, 'proof_mismatch'],
  ])('%s', async (_name, origins, changes, reason) => {
    const verdict = await judging({ origins })(await proof(), changes)
    expect((verdict as AuthError).reason).toBe(reason)
  })

  it('is nothing that a client could be blamed for where nobody told it', async () => {
    expect(await judging({ origins: [] })(await proof())).toMatchObject({
      code: 'temporarily_unavailable',
      reason: 'origin_unknown',
      detail: expect.stringMatching(/^Set "origin" to the public origin of this API; or app\.set/),
    })
  })
})

describe('the age of a proof', () => {
  const strict = { clockToleranceSeconds: 0 }
  const lax = { clockToleranceSeconds: 60, proofMaxAgeSeconds: 300 }
  it.each<[string, Judging, number, number]>([
    ['just made', {}, 0, 81_000],
    ['as old as it may be, by a clock that is as late as it may be', {}, 70, 11_000],
    ['made by a clock that is as far ahead as it may be', {}, -10, 91_000],
    ['as old as it may be, by the same clock', strict, 60, 11_000],
    ['made by the same clock', strict, 0, 71_000],
    ['of clocks that are far apart', lax, 360, 61_000],
    ['of a clock that is far ahead', lax, -60, 481_000],
  ])('may be that of one %s', async (_name, more, age, ttlMs) => {
    const { claims, replay } = storeOf()
    const verdict = await judging({ ...more, replay })(await proof({ iat: NOW - age }))
    expect(verdict).toEqual({ nonce: undefined })
    expect(claims).toMatchObject([{ ttlMs }])
  })

  it.each<[string, Judging, number, string]>([
    ['is too old', {}, 71, '71'],
    ['is too far ahead', {}, -11, '-11'],
    ['is too old by the same clock', strict, 60.4, '60'],
    ['is ahead of the same clock', strict, -1, '-1'],
    ['is too old by clocks that are far apart', lax, 361, '361'],
  ])('may not be that of one that %s', async (_name, more, age, told) => {
    expect(await judging(more)(await proof({ iat: NOW - age }))).toMatchObject({
      code: 'invalid_dpop_proof',
      reason: 'stale_proof',
      detail: `The proof was made ${told} s ago`,
    })
  })
})

describe('a nonce', () => {
  it.each<[string, (good: string, other: string) => unknown]>([
    ['missing', () => undefined],
    ['empty', () => ''],
    ['a number', () => 7],
    ['in a list', (good) => [good]],
    ['of another secret', (_good, other) => other],
  ])('is demanded, and a fresh one given, where it is %s', async (_what, nonceOf) => {
    const { claims, replay } = storeOf()
    const judge = judging({ replay, nonce: NONCE })
    const other = judging({ nonce: { secrets: ['another secret of 32 bytes at least'] } })
    const [good, foreign] = [judge, other].map(({ policy }) => policy.nonces!.issue(NOW))
    const nonce = nonceOf(good!, foreign!)
    expect(await judge(await proof({ nonce }))).toMatchObject({
      code: 'use_dpop_nonce',
      reason: 'nonce_needed',
      nonce: good,
    })
    expect(claims).toEqual([])
  })

  it.each<[number, number, boolean]>([
    [0, 71_000, false],
    [30, 41_000, false],
    [31, 40_000, true],
    [60, 11_000, true],
    [-10, 81_000, false],
  ])(
    'of %i s lets a proof be used for %i ms; another comes with the answer: %p',
    async (age, ttlMs, renewed) => {
      const { claims, replay } = storeOf()
      const judge = judging({ replay, nonce: NONCE })
      const { nonces } = judge.policy
      // The clock of the client is years behind.
      const sent = await proof({ iat: 0, nonce: nonces!.issue(NOW - age) })
      expect(await judge(sent)).toEqual({ nonce: renewed ? nonces!.issue(NOW) : undefined })
      expect(claims).toMatchObject([{ ttlMs }])
    },
  )

  it.each([61, -11])('of %i s is replaced', async (age) => {
    const judge = judging({ nonce: NONCE })
    const { nonces } = judge.policy
    expect(await judge(await proof({ nonce: nonces!.issue(NOW - age) }))).toMatchObject({
      reason: 'nonce_needed',
      nonce: nonces!.issue(NOW),
    })
  })

  it('of a client is not asked for where we give none', async () => {
    expect(await judging()(await proof({ nonce: 'theirs' }))).toEqual({ nonce: undefined })
  })
})

describe('the key of a client', () => {
  it('is read once, as long as the same header brings it', async () => {
    const judge = judging()
    const read = jest.spyOn(judge.policy.algorithms, 'has')
    const proofs = [await proof(), await proof(), await proof({}, { kid: 'a' })]
    for (const [at, times] of [1, 1, 2].entries()) {
      expect(await judge(proofs[at]!)).toEqual({ nonce: undefined })
      expect(read).toHaveBeenCalledTimes(times)
    }
  })

  it('is not remembered before a proof by it has verified', async () => {
    const judge = judging()
    const read = jest.spyOn(judge.policy.algorithms, 'has')
    expect(await judge(forged(await proof()))).toMatchObject({ reason: 'bad_proof_signature' })
    expect(await judge(await proof())).toEqual({ nonce: undefined })
    expect(read).toHaveBeenCalledTimes(2)
  })

  it('is compared with that of the token, and its proofs are verified, where it is known', async () => {
    const judge = judging()
    await judge(await proof())
    expect(await judge(await proof(), {}, { thumbprint: thief.confirmation.jkt })).toMatchObject({
      reason: 'wrong_key',
    })
    expect(await judge(forged(await proof()))).toMatchObject({ reason: 'bad_proof_signature' })
  })
})
