import { describe, expect, it } from '@jest/globals'
import { bearerFacts } from '../../../lib/guards/bearer/facts.js'
import type { RequireBearerOptions } from '../../../lib/guards/bearer/options.js'
import type { Proofs } from '../../../lib/tokens/proof/proofs.js'
import { AUDIENCE, ISSUER, policyOf } from '../../support/policy.js'

const NO_PROOFS = { dpopAlgorithms: undefined, mtls: false, required: false } as Proofs
const plain = { issuer: ISSUER, audience: AUDIENCE }

type Facts = Extract<ReturnType<typeof bearerFacts>, { kind: 'bearer' }>

const factsOf = (options: object, proofs: Partial<Proofs> = {}, policies = [policyOf()]): Facts =>
  bearerFacts(options as RequireBearerOptions, policies, { ...NO_PROOFS, ...proofs }) as Facts

describe('what a guard over tokens tells of itself', () => {
  it('is this where nothing is set', () => {
    expect(factsOf(plain)).toEqual({
      kind: 'bearer',
      issuers: [
        {
          issuer: ISSUER,
          audiences: [AUDIENCE],
          clientIds: undefined,
          algorithms: ['HS256', 'HS384', 'HS512'],
          profile: 'lenient',
          clockToleranceSeconds: 0,
          keys: 'discovery',
          plainHttp: [],
        },
      ],
      elsewhere: undefined,
      optional: false,
      cookie: undefined,
      proof: 'none',
      introspection: 'none',
      throttle: false,
    })
  })

  it.each<[string, object, Partial<Proofs>, object]>([
    ['lets anonymous requests pass', { optional: true }, {}, { optional: true }],
    ['reads a cookie', { cookie: 'at' }, {}, { cookie: { name: 'at', sealed: false } }],
    [
      'reads a cookie by its options',
      { cookie: { name: 'at' } },
      {},
      { cookie: { name: 'at', sealed: false } },
    ],
    [
      'reads a sealed cookie',
      { cookie: { name: 'at', open: () => '' } },
      {},
      { cookie: { name: 'at', sealed: true } },
    ],
    ['takes proofs', {}, { dpopAlgorithms: ['ES256'] }, { proof: 'taken' }],
    ['takes certificates', {}, { mtls: true }, { proof: 'taken' }],
    ['requires proofs', {}, { dpopAlgorithms: ['ES256'], required: true }, { proof: 'required' }],
    ['asks about opaque tokens', { introspection: {} }, {}, { introspection: 'opaque' }],
    ['asks about all', { introspection: { for: 'all' } }, {}, { introspection: 'all' }],
    ['counts failures', { throttle: {} }, {}, { throttle: true }],
  ])('is that it %s', (_name, options, proofs, expected) => {
    expect(factsOf({ ...plain, ...options }, proofs)).toMatchObject(expected)
  })

  it.each<[string, object, string]>([
    ['are a shared secret', { secret: 'x' }, 'a shared secret'],
    ['are fixed', { jwks: { keys: [] } }, 'fixed'],
    ['come from a function', { jwks: async () => ({ keys: [] }) }, 'a function'],
    ['are at a given place', { jwksUri: 'https://id.test/jwks' }, 'a given place'],
    ['are found by discovery', {}, 'discovery'],
  ])('is that its keys %s', (_name, options, keys) => {
    expect(factsOf({ ...plain, ...options }).issuers[0]!.keys).toBe(keys)
    const listed = { issuers: [{ ...plain }, { ...plain, ...options }] }
    const [first, second] = factsOf(listed, {}, [policyOf(), policyOf()]).issuers
    expect([first!.keys, second!.keys]).toEqual(['discovery', keys])
  })

  it('is that a verifier of the app judges, whatever stands beside it', () => {
    const facts = factsOf({ verifier: { verify: () => undefined } }, {}, [])
    expect(facts).toMatchObject({ elsewhere: 'verifier', issuers: [] })
  })

  it('is that a resolver names issuers later', () => {
    const facts = factsOf({ issuers: { resolve: () => undefined } }, {}, [policyOf()])
    expect(facts).toMatchObject({ elsewhere: 'resolver' })
    expect(facts.issuers[0]!.keys).toBe('discovery')
    expect(factsOf({ issuers: [plain] }).elsewhere).toBeUndefined()
  })

  it('is which hosts may be asked over plain http', () => {
    const policy = policyOf({ issuer: 'http://localhost:3000', secret: Buffer.alloc(32) })
    const { plainHttp } = factsOf(plain, {}, [policy]).issuers[0]!
    expect(plainHttp).toEqual([...policy.network.allowance.http])
  })
})
