import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import {
  compileDpop,
  compilePublicOrigins,
  DPOP_OPTION_NAMES,
  type DpopOptions,
} from '../../../../lib/tokens/proof/dpop/dpop-options.js'

const check = optionCheck('requireBearer')
const replay = { claim: async () => true } as unknown as DpopOptions['replay']
const SECRETS = ['a secret of more than 32 bytes, for tests']

describe('the options of proofs', () => {
  it('have these defaults', () => {
    const { algorithms, ...policy } = compileDpop(check, { replay })
    expect(policy).toEqual({
      required: false,
      maxAgeSeconds: 60,
      toleranceSeconds: 10,
      nonces: undefined,
      replay,
    })
    expect([...algorithms].join(' ')).toBe(
      'ES256 ES384 ES512 EdDSA Ed25519 PS256 PS384 PS512 RS256',
    )
  })

  it('are taken as they are given', () => {
    const policy = compileDpop(check, {
      replay,
      mode: 'require',
      proofMaxAgeSeconds: 300,
      clockToleranceSeconds: 0,
      algorithms: ['RS512'],
      nonce: { secrets: SECRETS },
    })
    expect(policy).toMatchObject({ required: true, maxAgeSeconds: 300, toleranceSeconds: 0 })
    expect([...policy.algorithms]).toEqual(['RS512'])
    expect(policy.nonces!.ageOf(policy.nonces!.issue(1000), 1300)).toBe(300)
    expect(policy.nonces!.ageOf(policy.nonces!.issue(1000), 999)).toBeUndefined()
  })

  it.each<[object, string]>([
    [{ replay: undefined }, '"dpop.replay" must be a ReplayStore'],
    [{ replay: {} }, '"dpop.replay" must be a ReplayStore'],
    [{ mode: 'on' }, '"dpop.mode" must be'],
    [{ proofMaxAgeSeconds: 0 }, '"dpop.proofMaxAgeSeconds" must be a number from 1 to 300'],
    [{ proofMaxAgeSeconds: 301 }, '"dpop.proofMaxAgeSeconds" must be'],
    [{ clockToleranceSeconds: 61 }, '"dpop.clockToleranceSeconds" must be a number from 0 to 60'],
    [{ algorithms: ['none'] }, '"dpop.algorithms" must be of ES256'],
    [{ algorithms: ['HS256'] }, '"dpop.algorithms" must be of ES256'],
    [{ algorithms: [] }, '"dpop.algorithms" must be'],
    [{ nonce: { secret: 'x' } }, 'unknown option "dpop.nonce.secret"'],
    [{ nonce: { secrets: ['short'] } }, '"dpop.nonce.secrets"'],
    [{ required: true }, 'unknown option "dpop.required"'],
  ])('%j are refused', (options, complaint) => {
    expect(() => compileDpop(check, { replay, ...options })).toThrow(`requireBearer: ${complaint}`)
  })

  it('are known by name', () => {
    expect(DPOP_OPTION_NAMES).toEqual([
      'mode',
      'proofMaxAgeSeconds',
      'clockToleranceSeconds',
      'algorithms',
      'nonce',
      'replay',
    ])
  })
})

describe('our public origins', () => {
  it.each<[string | string[] | undefined, string[] | undefined]>([
    [undefined, undefined],
    ['https://API.test:443/', ['https://api.test']],
    [
      ['https://a.test', 'http://localhost:3000'],
      ['https://a.test', 'http://localhost:3000'],
    ],
    ['http://127.0.0.1', ['http://127.0.0.1']],
  ])('%j are %j', (option, origins) => {
    expect(compilePublicOrigins(check, option)).toEqual(origins)
  })

  it.each<[unknown, string]>([
    ['https://a.test/b', 'be like "https://api.example.com", without a path'],
    ['https://a.test?b', 'be like'],
    ['https://a.test#b', 'be like'],
    ['a.test', 'be like'],
    ['ftp://a.test', 'be like'],
    ['http://a.test', 'be https, unless it is a loopback address'],
    [[], 'be a non-empty string'],
  ])('%j are refused', (option, must) => {
    expect(() => compilePublicOrigins(check, option as string)).toThrow(`"origin" must ${must}`)
  })
})
