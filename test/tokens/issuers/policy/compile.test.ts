import { describe, expect, it } from '@jest/globals'
import type { IssuerOptions } from '../../../../lib/index.js'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { compileIssuer } from '../../../../lib/tokens/issuers/policy/compile.js'
import { manualTimer } from '../../../support/manual-timer.js'
import { AUDIENCE, ISSUER, policyOf } from '../../../support/policy.js'

const context = { check: optionCheck('requireBearer'), timer: manualTimer(), emit() {} }

/** Compiles options, some of which the types would not allow. */
function compile(options: Readonly<Record<string, unknown>>): unknown {
  return policyOf(options)
}

describe('compileIssuer: what the options default to', () => {
  it('is lenient about tokens of the issuer, for this audience', () => {
    const secret = Buffer.alloc(32, 1)
    const { keys, tokenId, metadata, ...policy } = compileIssuer(
      { issuer: ISSUER, audience: AUDIENCE, secret },
      context,
    )
    expect(policy).toEqual({
      issuers: [ISSUER],
      revocationIssuers: new Map([[ISSUER, ISSUER]]),
      audiences: [AUDIENCE],
      audienceMatch: 'exact',
      clientIds: undefined,
      algorithms: new Set(['HS256', 'HS384', 'HS512']),
      profile: 'lenient',
      clockToleranceSeconds: 5,
      maxAgeSeconds: undefined,
      network: expect.objectContaining({ ca: undefined, proxy: undefined }),
      requiredClaims: [],
      expectedClaims: new Map(),
      clientIdClaims: ['client_id', 'azp'],
      sessionIdClaim: 'sid',
      scopeClaims: ['scope', 'scp'],
      rolesClaims: ['roles'],
      permissionsClaims: ['permissions'],
      versionClaim: undefined,
      scopeImplies: new Map(),
      validate: undefined,
      decryptionKeys: [],
    })
    expect(metadata?.discoveryUrls[0]?.href).toContain('/.well-known/oauth-authorization-server')
    expect(keys.status().state).toBe('fresh')
    expect([tokenId({ jti: 'a' }), tokenId({})]).toEqual(['a', undefined])
  })

  it('is every algorithm of public keys, where no secret is shared (7515-13)', () => {
    const { keys, algorithms } = compileIssuer({ issuer: ISSUER, audience: 'a' }, context)
    expect([...algorithms].join(' ')).toBe(
      'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519',
    )
    keys.close()
  })

  it('is one name for scopes in the strict profile (9068-12)', () => {
    expect(policyOf({ profile: 'rfc9068' }).scopeClaims).toEqual(['scope'])
    expect(policyOf({ profile: 'id_token' }).scopeClaims).toEqual(['scope', 'scp'])
    expect(policyOf({ profile: 'rfc9068', claims: { scope: 'scp' } }).scopeClaims).toEqual(['scp'])
  })
})

describe('compileIssuer: what the options say', () => {
  it('is taken over', () => {
    const options: Partial<IssuerOptions> = {
      issuer: [ISSUER, 'https://twin.test'],
      audience: ['a', 'b'],
      clientId: 'c',
      algorithms: ['HS512'],
      clockToleranceSeconds: 60,
      maxAgeSeconds: 1,
      requiredClaims: ['org'],
      expectedClaims: { tier: 'gold', region: ['eu', 'us'] },
      claims: {
        clientId: 'cid',
        sessionId: 'session',
        scope: 's',
        roles: 'groups',
        permissions: 'perms',
        version: 'ver',
      },
      scopeImplies: { write: ['read', 'list'] },
      validate() {},
    }
    expect(policyOf(options)).toMatchObject({
      issuers: [ISSUER, 'https://twin.test'],
      revocationIssuers: new Map([
        [ISSUER, ISSUER],
        ['https://twin.test', ISSUER],
      ]),
      audiences: ['a', 'b'],
      clientIds: ['c'],
      algorithms: new Set(['HS512']),
      clockToleranceSeconds: 60,
      maxAgeSeconds: 1,
      requiredClaims: ['org'],
      expectedClaims: new Map([
        ['tier', ['gold']],
        ['region', ['eu', 'us']],
      ]),
      clientIdClaims: ['cid'],
      sessionIdClaim: 'session',
      scopeClaims: ['s'],
      rolesClaims: ['groups'],
      permissionsClaims: ['perms'],
      versionClaim: 'ver',
      scopeImplies: new Map([['write', ['read', 'list']]]),
      validate: options.validate,
    })
  })

  it('may be no audience, where clients stand in for it', () => {
    expect(policyOf({ audience: false, clientId: 'c' }).audiences).toBeUndefined()
  })

  it('may be the claim that names a token, or a function', () => {
    expect(policyOf({ claims: { tokenId: 'uti' } }).tokenId({ jti: 'a', uti: 'b' })).toBe('b')
    expect(
      policyOf({ claims: { tokenId: ({ sub }) => `${String(sub)}!` } }).tokenId({ sub: 'a' }),
    ).toBe('a!')
  })
})

describe('compileIssuer: what is refused at construction', () => {
  it.each<[string, readonly unknown[]]>([
    ['issuer', [undefined, '', [], ['a', ''], 7, ['a', 'a'], [['a'], ['a']], [[]], ['a', ['b']]]],
    ['audience', [undefined, '', [], true, null, false]],
    ['clientId', ['', [], null, 7]],
    ['profile', ['strict', null, 'RFC9068', 'logout_token']],
    ['algorithms', ['', [], ['RS256'], ['HS256', 'none'], ['hs256'], null]],
    ['clockToleranceSeconds', [-1, 61, Number.NaN, '5', null]],
    ['maxAgeSeconds', [0, 0.5, -1, Infinity, Number.NaN, '60', null]],
    ['requiredClaims', ['', [], null, [7]]],
    ['validate', ['x', null, {}]],
    ['decryptionKeys', ['x', {}, 7]],
  ])('a bad "%s"', (name, values) => {
    for (const value of values) {
      expect(() => compile({ [name]: value })).toThrow(
        new RegExp(`^requireBearer: "${name}" must `),
      )
    }
  })

  it.each<[string, readonly unknown[]]>([
    ['tokenId', ['', 7, null, []]],
    ['clientId', ['', [], null]],
    ['sessionId', ['', null, ['sid']]],
    ['scope', ['', [], null]],
    ['roles', ['', [], null]],
    ['permissions', ['', [], null]],
    ['version', ['', null, 7]],
  ])('a bad "claims.%s"', (name, values) => {
    for (const value of values) {
      expect(() => compile({ claims: { [name]: value } })).toThrow(
        new RegExp(`^requireBearer: "claims.${name}" must `),
      )
    }
  })

  it.each([
    [{ tier: '' }, /"expectedClaims\.tier" must/],
    [{ tier: [] }, /"expectedClaims\.tier" must/],
    [{ region: 'eu', tier: [7] }, /"expectedClaims\.tier" must/],
  ])('expectedClaims: %j', (expectedClaims, complaint) => {
    expect(() => compile({ expectedClaims })).toThrow(complaint)
  })

  it.each([
    [{ write: '' }, /"scopeImplies\.write" must/],
    [{ write: [] }, /"scopeImplies\.write" must/],
    [{ 'a b': ['c'] }, /"scopeImplies" must hold scopes/],
    [{ a: ['b c'] }, /"scopeImplies" must hold scopes/],
    [{ a: ['b', 'c"'] }, /"scopeImplies" must hold scopes/],
  ])('scopeImplies: %j', (scopeImplies, complaint) => {
    expect(() => compile({ scopeImplies })).toThrow(complaint)
  })

  it.each([
    [
      'HMAC with public keys',
      { secret: undefined, algorithms: ['HS256'] },
      /public-key algorithms/,
    ],
    ['public keys with a secret', { algorithms: ['RS256'] }, /HMAC algorithms/],
  ])('algorithms of the other kind: %s (8725-06)', (_name, options, complaint) => {
    expect(() => compile(options)).toThrow(complaint)
  })

  it.each([[[null]], [['x']], [[{}]], [[{ kty: 'oct', k: 'AAAA' }]]])(
    'decryptionKeys that hold %j, without quoting it',
    (decryptionKeys) => {
      expect(() => compile({ decryptionKeys })).toThrow(/RSA or EC keys as JWKs; number 0 is none$/)
    },
  )
})
