import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { guardTolerance } from '../../../lib/core/auth/guard-tolerance.js'
import type { Auth, IssuerOptions } from '../../../lib/index.js'
import { toAuth } from '../../../lib/tokens/access/to-auth.js'
import type { Claims } from '../../../lib/tokens/jwt/claims.js'
import {
  AUDIENCE,
  claimsWith,
  ISSUER,
  NOW,
  policyOf,
  reasonOf,
  taken,
} from '../../support/policy.js'

const SETS = { scopes: new Set(['read']), roles: new Set(), permissions: new Set() }

function authOf(claims: Claims, options: Partial<IssuerOptions> = {}): Auth {
  const jwt = { signingInput: 'a.b', header: {}, claims, payload: '{}', signature: '' }
  return taken(toAuth(jwt, policyOf(options), 'cookie')).auth
}

describe('toAuth', () => {
  it('says what each claim means, in names of our own', () => {
    const claims = claimsWith({ sid: 'session-1', aud: [AUDIENCE, 'x'] })
    expect(authOf(claims)).toEqual({
      issuer: ISSUER,
      revocationIssuer: ISSUER,
      subject: 'user-1',
      clientId: 'client-1',
      audience: [AUDIENCE, 'x'],
      ...SETS,
      tokenId: 'token-1',
      sessionId: 'session-1',
      issuedAt: NOW,
      expiresAt: NOW + 300,
      version: undefined,
      claims,
      transport: 'cookie',
    })
  })

  it('tells stores how far its guard lets clocks be apart', () => {
    expect(guardTolerance(authOf(claimsWith({}), { clockToleranceSeconds: 7 }))).toBe(7)
  })

  it('leaves undefined, or empty, what the issuer does not say', () => {
    const claims = { iss: ISSUER, exp: NOW }
    expect(authOf(claims)).toEqual({
      issuer: ISSUER,
      revocationIssuer: ISSUER,
      subject: undefined,
      clientId: undefined,
      audience: [],
      ...SETS,
      scopes: new Set(),
      tokenId: createHash('sha256').update('a.b').digest('base64url'),
      sessionId: undefined,
      issuedAt: undefined,
      expiresAt: NOW,
      version: undefined,
      claims,
      transport: 'cookie',
    })
  })

  it('reads each claim where the options say', () => {
    const claims = claimsWith({
      uti: 'u',
      cid: 'c',
      origin: 'o',
      perms: ['p'],
      groups: ['g'],
      realm: { roles: ['r'] },
      scp: ['write', 'a b'],
      ver: 7,
    })
    const options = {
      claims: {
        tokenId: 'uti',
        clientId: ['appid', 'cid'],
        sessionId: 'origin',
        permissions: 'perms',
        roles: ['groups', 'realm.roles'],
        scope: 'scp',
        version: 'ver',
      },
      scopeImplies: { write: ['draft'], draft: ['list'] },
    }
    expect(authOf(claims, options)).toMatchObject({
      clientId: 'c',
      tokenId: 'u',
      sessionId: 'o',
      scopes: new Set(['write', 'a', 'b', 'draft', 'list']),
      roles: new Set(['g', 'r']),
      permissions: new Set(['p']),
      version: 7,
    })
  })

  it('names a token by its jti, by what a function says, else by what was signed', () => {
    const hash = createHash('sha256').update('a.b').digest('base64url')
    expect(authOf(claimsWith({ jti: undefined })).tokenId).toBe(hash)
    expect(authOf(claimsWith({ jti: '' })).tokenId).toBe(hash)
    expect(
      authOf(claimsWith(), { claims: { tokenId: ({ sub }) => `id of ${String(sub)}` } }).tokenId,
    ).toBe('id of user-1')
    for (const nothing of [undefined, '', 7]) {
      expect(authOf(claimsWith(), { claims: { tokenId: () => nothing as string } }).tokenId).toBe(
        hash,
      )
    }
  })

  it.each([
    ['scope before scp', { scope: 'a', scp: 'b' }, 'lenient', ['a']],
    ['an empty scope before scp', { scope: '', scp: 'b' }, 'lenient', []],
    ['scp where there is no scope', { scope: undefined, scp: 'a  b' }, 'lenient', ['a', 'b']],
    ['a list of scopes', { scope: ['a', 'b c'] }, 'lenient', ['a', 'b', 'c']],
    ['no scp in the strict profile', { scope: undefined, scp: 'b' }, 'rfc9068', []],
    ['the scope of the strict profile', { scope: 'a b' }, 'rfc9068', ['a', 'b']],
  ] as const)('reads scopes: %s (9068-12)', (_name, changes, profile, scopes) => {
    expect([...authOf(claimsWith(changes), { profile }).scopes]).toEqual(scopes)
  })

  it('takes a list of scopes for malformed in the strict profile (9068-12)', () => {
    const claims = claimsWith({ scope: ['a'] })
    expect(reasonOf(() => authOf(claims, { profile: 'rfc9068' }))).toBe('malformed_claim')
  })

  it.each([
    ['one issuer', 'https://b.test', 'https://b.test'],
    ['spellings of one', ['https://a.test', 'https://b.test'], 'https://a.test'],
    [
      'several, spelt in several ways',
      [['https://x.test'], ['https://a.test', 'https://b.test']],
      'https://a.test',
    ],
    ['several', [['https://a.test'], ['https://b.test']], 'https://b.test'],
  ])(
    'names the issuer for revocations by its first spelling, among %s',
    (_name, issuer, expected) => {
      const auth = authOf(claimsWith({ iss: 'https://b.test' }), { issuer })
      expect(auth).toMatchObject({ issuer: 'https://b.test', revocationIssuer: expected })
    },
  )

  it('cannot be changed, however deep (X-10)', () => {
    const inmost = { c: 1 }
    const list = [inmost]
    const outer = { b: list }
    const auth = authOf(claimsWith({ a: outer, aud: [AUDIENCE], none: null }))
    const parts = [auth, auth.audience, auth.claims, outer, list, inmost]
    expect(parts.map((part) => Object.isFrozen(part))).toEqual(parts.map(() => true))
  })
})
