import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import {
  CLAIM_OPTION_NAMES,
  compileClaims,
  type ClaimOptions,
} from '../../../../lib/tokens/issuers/policy/claim-options.js'

const check = optionCheck('requireBearer')

describe('compileClaims', () => {
  it.each([
    ['lenient', ['scope', 'scp']],
    ['id_token', ['scope', 'scp']],
    ['rfc9068', ['scope']],
  ] as const)('looks where most issuers put things: profile %s', (profile, scopeClaims) => {
    const { tokenId, ...rest } = compileClaims(check, undefined, profile)
    expect(rest).toEqual({
      sessionIdClaim: 'sid',
      clientIdClaims: ['client_id', 'azp'],
      scopeClaims,
      rolesClaims: ['roles'],
      permissionsClaims: ['permissions'],
      versionClaim: undefined,
    })
    expect([tokenId({ jti: 'j', id: 'i' }), tokenId({})]).toEqual(['j', undefined])
  })

  it('looks where it is told', () => {
    const options: ClaimOptions = {
      tokenId: 'id',
      sessionId: 'session',
      clientId: 'cid',
      scope: ['scp', 'scopes'],
      roles: 'realm_access.roles',
      permissions: ['p', 'q'],
      version: 'v',
    }
    const { tokenId, ...rest } = compileClaims(check, options, 'rfc9068')
    expect(rest).toEqual({
      sessionIdClaim: 'session',
      clientIdClaims: ['cid'],
      scopeClaims: ['scp', 'scopes'],
      rolesClaims: ['realm_access.roles'],
      permissionsClaims: ['p', 'q'],
      versionClaim: 'v',
    })
    expect(tokenId({ jti: 'j', id: 'i' })).toBe('i')
    expect(tokenId({ id: 7 })).toMatchObject({ reason: 'malformed_claim' })
    expect(Object.keys(options).toSorted()).toEqual([...CLAIM_OPTION_NAMES].toSorted())
  })

  it('takes a function of the app for the name of a token', () => {
    const tokenId = String
    expect(compileClaims(check, { tokenId }, 'lenient').tokenId).toBe(tokenId)
  })

  it.each([
    ['tokenId', 7],
    ['sessionId', ''],
    ['clientId', []],
    ['scope', ['']],
    ['roles', 7],
    ['permissions', null],
    ['version', 7],
  ])('refuses a bad "%s" by its full name', (name, value) => {
    const compile = (): unknown => compileClaims(check, { [name]: value }, 'lenient')
    expect(compile).toThrow(new RegExp(`^requireBearer: "claims\\.${name}" must `))
  })

  it('refuses a misspelt option', () => {
    const options = { role: 'r' } as ClaimOptions
    expect(() => compileClaims(check, options, 'lenient')).toThrow(
      'unknown option "claims.role". Did you mean "claims.roles"?',
    )
  })
})
