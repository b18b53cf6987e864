import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { memoryReplayStore } from '../../../lib/replay/memory-store.js'
import {
  createProofs,
  PROOF_OPTION_NAMES,
  type ProofOptions,
} from '../../../lib/tokens/proof/proofs.js'

const compile = (options: unknown): ReturnType<typeof createProofs> =>
  createProofs(optionCheck('test'), options as ProofOptions)

const origin = 'https://api.example.com'
const replay = memoryReplayStore()
const dpop = { replay }
const mtls = { certificate: 'tls' }
const mode = 'require'
const DEFAULTS = 'ES256 ES384 ES512 EdDSA Ed25519 PS256 PS384 PS512 RS256'.split(' ')

describe('how tokens must be proven', () => {
  it.each<[string, unknown, readonly string[] | undefined, boolean, boolean]>([
    ['by nothing', {}, undefined, false, false],
    ['by a key', { dpop }, DEFAULTS, false, false],
    ['by a key, for one origin', { origin, dpop }, DEFAULTS, false, false],
    ['by a key or nothing', { dpop: { ...dpop, mode: 'allow' } }, DEFAULTS, false, false],
    ['by a key always', { dpop: { ...dpop, mode } }, DEFAULTS, false, true],
    [
      'by a key of some algorithms',
      { dpop: { ...dpop, algorithms: ['PS256', 'ES256'] } },
      ['PS256', 'ES256'],
      false,
      false,
    ],
    ['by a certificate', { mtls }, undefined, true, false],
    ['by a certificate or nothing', { mtls: { ...mtls, mode: 'allow' } }, undefined, true, false],
    ['by a certificate always', { mtls: { ...mtls, mode } }, undefined, true, true],
    ['by either or nothing', { dpop, mtls }, DEFAULTS, true, false],
    ['by either, as "dpop" says', { dpop: { ...dpop, mode }, mtls }, DEFAULTS, true, true],
    ['by either, as "mtls" says', { dpop, mtls: { ...mtls, mode } }, DEFAULTS, true, true],
  ])(
    'is told to challenges and metadata: %s',
    (_name, options, dpopAlgorithms, byMtls, required) => {
      const { possession, ...told } = compile(options)
      expect(told).toEqual({ dpopAlgorithms, mtls: byMtls, required })
      expect(possession.needOf({}) !== undefined).toBe(required)
    },
  )
})

describe('the options of proofs', () => {
  it('are these', () => {
    expect(PROOF_OPTION_NAMES).toEqual(['origin', 'dpop', 'mtls'])
  })

  it.each<[string, unknown, string]>([
    [
      'an origin that no proof is compared with',
      { origin },
      'test: "origin" must be left out without "dpop". Did you mean "cookie.origin"?, got',
    ],
    [
      'an origin beside certificates alone',
      { origin: [origin], mtls },
      'test: "origin" must be left out without "dpop"',
    ],
    ['an origin with a path', { origin: `${origin}/v1`, dpop }, 'test: "origin" must be like'],
    ['an origin that is empty', { origin: '', dpop }, 'test: "origin" must be'],
    ['no store of used proofs', { dpop: {} }, 'test: "dpop.replay" must be a ReplayStore'],
    ['an unknown mode of keys', { dpop: { ...dpop, mode: 'on' } }, 'test: "dpop.mode" must be'],
    ['a misspelt option of keys', { dpop: { ...dpop, modes: 'x' } }, 'unknown option "dpop.modes"'],
    ['no way to a certificate', { mtls: {} }, `test: "mtls.certificate" must be 'tls' or`],
    ['an unknown mode of certificates', { mtls: { ...mtls, mode: 1 } }, '"mtls.mode" must be'],
    ['keys that are switched on', { dpop: true }, 'test: "dpop" must be an object'],
    ['certificates that are switched on', { mtls: 'tls' }, 'test: "mtls" must be an object'],
  ])('are refused at construction for %s', (_name, options, message) => {
    expect(() => compile(options)).toThrow(message)
    expect(() => compile(options)).toThrow(TypeError)
  })
})
