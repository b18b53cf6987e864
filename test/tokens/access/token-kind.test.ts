import { describe, expect, it } from '@jest/globals'
import type { AuthErrorReason } from '../../../lib/core/verdicts/errors.js'
import { judgeKind } from '../../../lib/tokens/access/token-kind.js'
import type { IssuerOptions } from '../../../lib/tokens/issuers/policy/options.js'
import type { Claims } from '../../../lib/tokens/jwt/claims.js'
import { AUDIENCE, claimsWith, policyOf, reasonOf, refusalOf } from '../../support/policy.js'

const ID_TOKEN = { client_id: undefined, scope: undefined }

function judged(
  changes: Claims,
  options: Partial<IssuerOptions> = {},
): AuthErrorReason | undefined {
  return reasonOf(() => judgeKind(claimsWith(changes), policyOf(options), undefined))
}

function detailOf(changes: Claims): string | undefined {
  return refusalOf(() => judgeKind(claimsWith(changes), policyOf(), undefined))?.detail
}

describe('judgeKind (8725-23, 9068-04)', () => {
  it.each([{}, [], 'x', false])('a logout token is never taken: events %j', (events) => {
    for (const profile of ['lenient', 'rfc9068', 'id_token'] as const) {
      const claims = { ...claimsWith(), events }
      const judge = (): unknown => judgeKind(claims, policyOf({ profile }), undefined)
      expect(reasonOf(judge)).toBe('not_an_access_token')
    }
  })

  it.each(['nonce', 'at_hash', 'c_hash', 's_hash'])(
    '%s marks an ID token, which only the profile id_token takes',
    (name) => {
      for (const value of ['x', '', 0]) {
        expect(judged({ [name]: value })).toBe('not_an_access_token')
        expect(judged({ [name]: value }, { profile: 'rfc9068' })).toBe('not_an_access_token')
        expect(judged({ ...ID_TOKEN, [name]: value }, { profile: 'id_token' })).toBeUndefined()
      }
    },
  )

  it.each<[string, string | undefined, Claims]>([
    ['by its type (9068-02)', 'at+jwt', { nonce: 'n', at_hash: 'x', c_hash: 'x', s_hash: 'x' }],
    ['by its type, whatever its claim "events" means', 'at+jwt', { events: { a: {} } }],
    ['as Keycloak does', 'jwt', { typ: 'Bearer', nonce: 'n', s_hash: 'x' }],
    ['as Cognito does', undefined, { token_use: 'access', nonce: 'n' }],
  ])(
    'what its issuer calls an access token %s may carry what ID tokens have',
    (_n, type, extra) => {
      const judge = (claims: Claims): unknown =>
        reasonOf(() => judgeKind(claimsWith(claims), policyOf(), type))
      expect(judge(extra)).toBeUndefined()
      expect(judge({ ...extra, typ: 'ID' })).toBe('not_an_access_token')
      expect(judge({ ...extra, typ: 'Logout' })).toBe('not_an_access_token')
    },
  )

  it.each(['Bearer', 'bearer', 'ID', ['Bearer']])(
    'the claim typ %j does not excuse the events of a logout token',
    (typ) => {
      const claims = { typ, events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }
      expect(judged(claims)).toBe('not_an_access_token')
      expect(judged({ typ, nonce: 'n' })).toBe(typ === 'Bearer' ? undefined : 'not_an_access_token')
    },
  )

  it.each([
    ['typ', 'ID'],
    ['typ', 'Refresh'],
    ['typ', 'Offline'],
    ['typ', 'Logout'],
    ['token_use', 'id'],
  ])('the claim %s says %s, and is believed', (name, value) => {
    expect(judged({ [name]: value })).toBe('not_an_access_token')
    expect(judged({ [name]: 'Bearer' })).toBeUndefined()
    expect(detailOf({ [name]: value })).toBe(`The claim "${name}" says that it is "${value}"`)
  })

  it.each<[string, Claims, AuthErrorReason | undefined]>([
    ['that says it is one', { typ: 'ID', token_use: 'id', nonce: 'n' }, undefined],
    ['that says nothing of its kind', {}, undefined],
    ['that is an access token of Keycloak', { typ: 'Bearer' }, 'not_an_id_token'],
    ['that is a refresh token', { typ: 'Refresh' }, 'not_an_id_token'],
    ['that is an offline token', { typ: 'Offline' }, 'not_an_id_token'],
    ['that is a logout token', { typ: 'Logout' }, 'not_an_id_token'],
    ['of a kind in another case', { typ: 'Id' }, 'not_an_id_token'],
    ['of a kind that is no text', { typ: ['ID'] }, 'not_an_id_token'],
    ['of no kind by null', { typ: null }, undefined],
    ['that is an access token of Cognito', { token_use: 'access' }, 'not_an_id_token'],
    ['for several, asked for by nobody', { aud: [AUDIENCE, 'account'] }, 'not_an_id_token'],
    ['for several, asked for by us', { aud: [AUDIENCE, 'account'], azp: AUDIENCE }, undefined],
    ['for several, asked for by another', { aud: [AUDIENCE, 'x'], azp: 'x' }, 'wrong_client'],
    ['for us, asked for by us', { azp: AUDIENCE }, undefined],
    ['for us, asked for by another', { azp: 'evil-app' }, 'wrong_client'],
    ['for us, asked for by nothing', { azp: '' }, 'wrong_client'],
    ['for us, asked for by a list', { azp: [AUDIENCE] }, 'malformed_claim'],
    ['that another client asked for', { client_id: 'evil-app' }, 'wrong_client'],
    ['that Okta gave another client', { cid: 'evil-app' }, 'wrong_client'],
    ['that Entra gave another client', { appid: 'evil-app' }, 'wrong_client'],
    ['of ours by azp and of another', { azp: AUDIENCE, client_id: 'evil-app' }, 'wrong_client'],
    ['that grants scopes', { scope: 'openid' }, 'not_an_id_token'],
    ['that grants scopes, as a list', { scp: ['openid'] }, 'not_an_id_token'],
  ])('the profile id_token judges a token %s (8725-23)', (_name, changes, expected) => {
    expect(judged({ ...ID_TOKEN, ...changes }, { profile: 'id_token' })).toBe(expected)
  })

  it('the profile id_token takes the clients of "clientId" for those that may ask', () => {
    const options = { profile: 'id_token', audience: 'web', clientId: ['web', 'android'] } as const
    const asked = (azp: string): unknown => judged({ ...ID_TOKEN, aud: 'web', azp }, options)
    expect([asked('web'), asked('android')]).toEqual([undefined, undefined])
    expect(asked('evil-app')).toBe('wrong_client')
  })

  it('takes no token without an audience for one of several', () => {
    const options = { profile: 'id_token', audience: false, clientId: 'web' } as const
    expect(judged({ ...ID_TOKEN, aud: undefined }, options)).toBeUndefined()
    expect(judged({ ...ID_TOKEN, aud: 7 }, options)).toBe('malformed_claim')
  })
})
