import { describe, expect, it } from '@jest/globals'
import type { AuthError } from '../../../../lib/core/verdicts/errors.js'
import { judging, proof, storeOf, thief } from '../../../support/proof-step.js'

function thrown(value: unknown): never {
  throw value
}

function unknownBy(detail: string, cause: unknown = expect.any(TypeError)): object {
  return { code: 'temporarily_unavailable', reason: 'replay_unavailable', detail, cause }
}

describe('where used proofs are remembered', () => {
  const fault = new Error('out of reach')
  it.each<[string, () => unknown, object]>([
    ['it says later that it is fresh', async () => true, { nonce: undefined }],
    [
      'it was used before',
      () => false,
      {
        code: 'invalid_dpop_proof',
        reason: 'replayed_proof',
        detail: 'The proof was used before',
      },
    ],
    ['it was used before, which is told later', async () => false, { reason: 'replayed_proof' }],
    ['the store throws', () => thrown(fault), unknownBy('out of reach', fault)],
    ['the store rejects', () => Promise.reject(fault), unknownBy('out of reach', fault)],
    ['the store throws a text', () => thrown('full'), unknownBy('full', 'full')],
    ['the store gives nothing', () => undefined, unknownBy('claim() gave no boolean')],
    ['the store gives a number', async () => 1, unknownBy('claim() gave no boolean')],
    ['the store gives a text', () => 'OK', unknownBy('claim() gave no boolean')],
  ])('a proof is judged by it: %s', async (_what, answer, verdict) => {
    expect(await judging({ replay: storeOf(answer).replay })(await proof())).toMatchObject(verdict)
  })
})

describe('a request that several guards judge', () => {
  it('uses its proof up once with each store', async () => {
    const stores = [storeOf(), storeOf()]
    const judges = [...stores, ...stores, ...stores].map(({ replay }) => judging({ replay }))
    const request = {}
    const sent = await proof()
    for (const judge of judges) expect(await judge(sent, { request })).toEqual({})
    expect(stores.map(({ claims }) => claims.length)).toEqual([1, 1])
  })

  it('is asked about again where its proof had been used, or that was not known', async () => {
    const answers = [() => Promise.reject(new Error('gone')), () => false, () => true]
    const { claims, replay } = storeOf(() => answers.shift()!())
    const judge = judging({ replay })
    const request = {}
    const sent = await proof()
    const reasons: unknown[] = []
    for (let time = 0; time < 4; time += 1) {
      reasons.push(((await judge(sent, { request })) as AuthError).reason)
    }
    expect(reasons).toEqual(['replay_unavailable', 'replayed_proof', undefined, undefined])
    expect(claims).toHaveLength(3)
  })

  it.each<[string, (request: object) => object | undefined]>([
    ['of another request', () => ({})],
    ['of a host that does not tell its requests apart', () => undefined],
  ])('does not use up the proof %s', async (_what, next) => {
    const { claims, replay } = storeOf()
    const judge = judging({ replay })
    const request = {}
    const sent = await proof()
    for (const by of [request, next(request), next(request)]) await judge(sent, { request: by })
    expect(claims).toHaveLength(3)
  })

  it('uses up another proof, and one of the same name by another key', async () => {
    const { claims, replay } = storeOf()
    const judge = judging({ replay })
    const request = {}
    const { jkt: thumbprint } = thief.confirmation
    await judge(await proof({ jti: 'a' }), { request })
    await judge(await proof({ jti: 'b' }), { request })
    await judge(await thief.proof('token', { claims: { jti: 'b' } }), { request }, { thumbprint })
    expect(claims).toHaveLength(3)
    expect(claims[1]!.proofId).toBe(claims[2]!.proofId)
  })
})
