import { describe, expect, it } from '@jest/globals'
import { PLAIN, SHAPES, type Likeness } from '../../lib/testing/shapes.js'

const CLAIMS = {
  aud: 'https://api.test',
  client_id: 'client-1',
  scope: 'read write',
  roles: ['admin', 'user'],
  sid: 'session-1',
  jti: 'token-1',
  sub: 'user-1',
}
const { aud, client_id, scope, roles, sid, jti, sub } = CLAIMS
const tid = '11111111-2222-4333-8444-555555555555'

describe('the tokens of a product', () => {
  it.each<[Likeness, object]>([
    ['rfc9068', CLAIMS],
    [
      'keycloak',
      { typ: 'Bearer', azp: client_id, realm_access: { roles }, aud, scope, sid, jti, sub },
    ],
    ['auth0', { azp: client_id, aud, scope, roles, sid, jti, sub }],
    ['entra', { azp: client_id, scp: scope, uti: jti, tid, ver: '2.0', aud, roles, sid, sub }],
    ['okta', { cid: client_id, scp: ['read', 'write'], groups: roles, aud, sid, jti, sub }],
    [
      'cognito',
      {
        token_use: 'access',
        client_id: aud,
        origin_jti: sid,
        'cognito:groups': roles,
        scope,
        jti,
        sub,
      },
    ],
    [
      'zitadel',
      {
        'urn:zitadel:iam:org:project:roles': {
          admin: { '1': 'zitadel.test' },
          user: { '1': 'zitadel.test' },
        },
        aud,
        client_id,
        scope,
        sid,
        jti,
        sub,
      },
    ],
  ])('like %s have its claims', (like, claims) => {
    expect(SHAPES[like].claims(CLAIMS)).toEqual(claims)
  })

  it.each<[Likeness, string, string]>([
    ['rfc9068', 'ES256', 'at+jwt'],
    ['keycloak', 'RS256', 'JWT'],
    ['auth0', 'RS256', 'JWT'],
    ['entra', 'RS256', 'JWT'],
    ['okta', 'RS256', 'JWT'],
    ['cognito', 'RS256', 'JWT'],
    ['zitadel', 'RS256', 'JWT'],
  ])('like %s are signed by its algorithm, and named its type', (like, alg, typ) => {
    expect(SHAPES[like]).toMatchObject({ alg, typ })
  })

  it.each<Likeness>(['keycloak', 'zitadel'])(
    'like %s without roles have no claim of them',
    (like) => {
      expect(Object.keys(SHAPES[like].claims({ sub }))).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/realm_access|roles/)]),
      )
    },
  )

  it('like okta keep a scope that is no text', () => {
    expect(SHAPES.okta.claims({ scope: ['read'] })).toMatchObject({ scp: ['read'] })
  })

  it.each<[Likeness, string]>([
    ['rfc9068', 'https://id.test'],
    ['keycloak', 'https://keycloak.test/realms/test'],
    ['auth0', 'https://tenant.auth0.test/'],
    ['entra', `https://login.microsoftonline.com/${tid}/v2.0`],
    ['okta', 'https://tenant.okta.test/oauth2/default'],
    ['cognito', 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Test'],
    ['zitadel', 'https://zitadel.test'],
  ])('like %s come from an issuer of its kind, for the audience of the test', (like, issuer) => {
    const options = SHAPES[like].options('https://id.test', 'project-1')
    expect([options.issuer].flat(2)[0]).toBe(issuer)
    expect(JSON.stringify(options)).toContain('project-1')
  })

  it('of no product are plain', () => {
    expect(PLAIN).toMatchObject({ alg: 'ES256', typ: 'at+jwt' })
    expect(PLAIN.claims(CLAIMS)).toBe(CLAIMS)
    expect(PLAIN.options('https://id.test', aud)).toEqual({
      issuer: 'https://id.test',
      audience: aud,
    })
  })
})
