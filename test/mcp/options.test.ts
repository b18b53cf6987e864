import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../lib/core/options/option-check.js'
import { metadataOptions, OWN_NAMES, tokenOptions } from '../../lib/mcp/options.js'

const check = optionCheck('protectMcp')
const RESOURCE = 'https://mcp.test/a?b'
const issuer = 'https://id.test'

describe('the options of the metadata', () => {
  it('are those that describe the server', () => {
    const described = {
      name: 'Notes',
      documentation: 'https://d.test',
      policyUri: 'https://p.test',
      tosUri: 'https://t.test',
      authorizationServers: [issuer],
      root: false,
    }
    const options = { resource: RESOURCE, issuer, tools: {}, exposeToken: true, ...described }
    expect(metadataOptions(check, options)).toEqual({ resource: RESOURCE, ...described })
  })

  it.each<[object, string]>([
    [{}, '"resource" must be a non-empty string'],
    [{ resource: 'mcp.test' }, '"resource" must be a URL, got "mcp.test"'],
    [{ resource: RESOURCE, optional: true }, 'unknown option "optional"'],
    [{ resource: RESOURCE, cookie: 'at' }, 'unknown option "cookie"'],
    [{ resource: RESOURCE, scope: 'a' }, 'unknown option "scope"'],
    [{ resource: RESOURCE, revocations: {} }, '"store" must be a RevocationStore'],
  ])('%j are refused', (options, complaint) => {
    expect(() => metadataOptions(check, options as never)).toThrow(`protectMcp: ${complaint}`)
  })

  it.each([
    'issuer',
    'audience',
    'dpop',
    'throttle',
    'header',
    'scopes',
    'tools',
    'resources',
    'prompts',
  ])('may stand beside "%s"', (name) => {
    expect(() => metadataOptions(check, { resource: RESOURCE, [name]: 1 } as never)).not.toThrow()
  })
})

describe('the options of the guard over tokens', () => {
  it.each<[string, object, object]>([
    [
      'want tokens for the server, in any spelling of it',
      { issuer },
      { issuer, audience: RESOURCE, audienceMatch: 'uri' },
    ],
    [
      'want the audience that is given',
      { issuer, audience: 'a' },
      { issuer, audience: 'a', audienceMatch: 'uri' },
    ],
    [
      'want it by the match that is given',
      { issuer, audience: 'a', audienceMatch: 'exact' },
      { issuer, audience: 'a', audienceMatch: 'exact' },
    ],
    ['leave the audiences of several issuers to each', { issuers: [] }, { issuers: [] }],
    ['leave them to a verifier', { verifier: 1 }, { verifier: 1 }],
    [
      'want proofs for the origin of the server',
      { verifier: 1, dpop: {} },
      { verifier: 1, dpop: {}, origin: 'https://mcp.test' },
    ],
    [
      'want proofs for the origin that is given',
      { verifier: 1, dpop: {}, origin: 'x' },
      { verifier: 1, dpop: {}, origin: 'x' },
    ],
    [
      'have nothing of the server',
      { verifier: 1, name: 'Notes', tools: {}, revocations: 1, exposeToken: true },
      { verifier: 1 },
    ],
  ])('%s', (_name, options, expected) => {
    expect(tokenOptions({ resource: RESOURCE, ...options }, OWN_NAMES)).toEqual(expected)
  })
})
