import { describe, expect, it } from '@jest/globals'
import {
  entra,
  ENTRA_MISTAKES,
  GRAPH_HEADER,
} from '../../../../lib/tokens/issuers/presets/entra.js'

const ONE = '9188040d-6c67-4c5b-b112-36a304b66dad'
const TWO = 'f8cdef31-a31e-4b4a-93e4-5f571e91255a'

describe('entra', () => {
  it.each([
    [undefined, 'https://login.microsoftonline.com', 'https://sts.windows.net'],
    ['us-government', 'https://login.microsoftonline.us', 'https://sts.windows.net'],
    ['china', 'https://login.partner.microsoftonline.cn', 'https://sts.chinacloudapi.cn'],
  ] as const)(
    'of the cloud %p has both versions of a tenant as one issuer',
    (cloud, host, first) => {
      expect(entra({ tenantIds: ONE, audience: 'api', cloud })).toEqual({
        issuer: [[`${host}/${ONE}/v2.0`, `${first}/${ONE}/`]],
        audience: 'api',
        jwksUri: `${host}/${ONE}/discovery/v2.0/keys`,
        algorithms: ['RS256'],
        claims: { tokenId: 'uti', clientId: ['azp', 'appid'], scope: 'scp' },
      })
    },
  )

  it('keeps two tenants apart, with the keys that all have in common', () => {
    const { issuer, jwksUri } = entra({ tenantIds: [ONE, TWO], audience: 'api' })
    expect(issuer).toHaveLength(2)
    expect(jwksUri).toBe('https://login.microsoftonline.com/common/discovery/v2.0/keys')
  })

  it('takes ids in capitals, as portals show them', () => {
    const shouted = entra({ tenantIds: ONE.toUpperCase(), audience: 'api' })
    expect(shouted).toEqual(entra({ tenantIds: ONE, audience: 'api' }))
  })

  it.each<[object, string]>([
    [{ tenantIds: 'common' }, '"tenantIds" must be directory ids (GUIDs)'],
    [{ tenantIds: [ONE, 'organizations'] }, 'name each tenant, got "organizations"'],
    [{ tenantIds: `${ONE}x` }, '"tenantIds" must be directory ids'],
    [{ tenantIds: 'a/b' }, '"tenantIds" must be made of letters'],
    [{ tenantIds: [] }, '"tenantIds" must be a non-empty string'],
    [{ tenantIds: ONE, cloud: 'germany' }, "\"cloud\" must be 'us-government' or 'china'"],
    [{ tenantId: ONE }, 'unknown option "tenantId"'],
  ])('refuses %j', (options, complaint) => {
    expect(() => entra({ audience: 'api', ...options } as never)).toThrow(complaint)
  })

  it.each([
    [`https://login.microsoftonline.com/${ONE}/v2.0`, true],
    [`https://login.microsoftonline.us/${ONE}/v2.0`, true],
    [`https://login.partner.microsoftonline.cn/${ONE}/v2.0`, true],
    [`https://sts.windows.net/${ONE}/`, true],
    [`https://sts.chinacloudapi.cn/${ONE}/`, true],
    [`https://login.microsoftonline.com.evil.test/${ONE}/v2.0`, false],
    [`https://evil.test/https://sts.windows.net/${ONE}/`, false],
  ])('knows users of its tenants: %s', (issuer, known) => {
    expect(ENTRA_MISTAKES.issuer.test(issuer)).toBe(known)
    expect(ENTRA_MISTAKES.fixes.unknown_issuer).toMatch(/sts\.windows\.net/)
  })

  it('knows tokens for Microsoft Graph by a member of their header', () => {
    expect(GRAPH_HEADER).toEqual(['nonce', expect.stringContaining('Microsoft Graph')])
  })
})
