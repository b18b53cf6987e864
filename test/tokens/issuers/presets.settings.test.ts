import { describe, expect, it } from '@jest/globals'
import type { IssuerOptions } from '../../../lib/index.js'
import * as presets from '../../../lib/issuers.js'

const TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad'
const OTHER = 'f8cdef31-a31e-4b4a-93e4-5f571e91255a'

/** Issuers as their consoles show them, and all that is set for them. */
const SETTINGS: readonly (readonly [string, () => IssuerOptions, IssuerOptions])[] = [
  [
    'auth0',
    () => presets.auth0({ domain: 'acme.eu.auth0.com', audience: 'https://api.acme.com' }),
    {
      issuer: 'https://acme.eu.auth0.com/',
      audience: 'https://api.acme.com',
      claims: { permissions: 'permissions' },
    },
  ],
  [
    'b2c',
    () =>
      presets.b2c({
        tenantName: 'acme',
        tenantId: TENANT,
        policy: 'B2C_1_signin',
        audience: 'api-id',
      }),
    {
      issuer: `https://acme.b2clogin.com/${TENANT}/v2.0/`,
      audience: 'api-id',
      discoveryUrl:
        'https://acme.b2clogin.com/acme.onmicrosoft.com/B2C_1_signin/v2.0/.well-known/openid-configuration',
      algorithms: ['RS256'],
      claims: { scope: 'scp' },
    },
  ],
  [
    'cognito',
    () =>
      presets.cognito({
        region: 'eu-central-1',
        userPoolId: 'eu-central-1_AbCdEfGhI',
        clientIds: ['a', 'b'],
      }),
    {
      issuer: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI',
      audience: false,
      clientId: ['a', 'b'],
      algorithms: ['RS256'],
      expectedClaims: { token_use: 'access' },
      claims: { clientId: 'client_id', sessionId: 'origin_jti', roles: 'cognito:groups' },
    },
  ],
  [
    'entra, one tenant',
    () => presets.entra({ tenantIds: TENANT, audience: 'api-id' }),
    {
      issuer: [
        [`https://login.microsoftonline.com/${TENANT}/v2.0`, `https://sts.windows.net/${TENANT}/`],
      ],
      audience: 'api-id',
      jwksUri: `https://login.microsoftonline.com/${TENANT}/discovery/v2.0/keys`,
      algorithms: ['RS256'],
      claims: { tokenId: 'uti', clientId: ['azp', 'appid'], scope: 'scp' },
    },
  ],
  [
    'entra, several tenants',
    () => presets.entra({ tenantIds: [TENANT, OTHER], audience: ['api-id', 'api://acme'] }),
    {
      issuer: [
        [`https://login.microsoftonline.com/${TENANT}/v2.0`, `https://sts.windows.net/${TENANT}/`],
        [`https://login.microsoftonline.com/${OTHER}/v2.0`, `https://sts.windows.net/${OTHER}/`],
      ],
      audience: ['api-id', 'api://acme'],
      jwksUri: 'https://login.microsoftonline.com/common/discovery/v2.0/keys',
      algorithms: ['RS256'],
      claims: { tokenId: 'uti', clientId: ['azp', 'appid'], scope: 'scp' },
    },
  ],
  [
    'googleIdToken',
    () => presets.googleIdToken({ clientIds: 'app.apps.googleusercontent.com' }),
    {
      issuer: ['https://accounts.google.com', 'accounts.google.com'],
      audience: 'app.apps.googleusercontent.com',
      jwksUri: 'https://www.googleapis.com/oauth2/v3/certs',
      algorithms: ['RS256'],
      profile: 'id_token',
    },
  ],
  [
    'hydra',
    () => presets.hydra({ issuer: 'https://id.acme.com/', audience: 'api' }),
    {
      issuer: 'https://id.acme.com/',
      audience: 'api',
      claims: { clientId: 'client_id', roles: ['roles', 'ext.roles'] },
    },
  ],
  [
    'keycloak',
    () => presets.keycloak({ baseUrl: 'https://id.acme.com', realm: 'acme', audience: ['a', 'b'] }),
    {
      issuer: 'https://id.acme.com/realms/acme',
      audience: ['a', 'b'],
      claims: {
        roles: ['realm_access.roles', 'resource_access.a.roles', 'resource_access.b.roles'],
      },
    },
  ],
  [
    'okta, by default',
    () => presets.okta({ domain: 'acme.okta.com' }),
    {
      issuer: 'https://acme.okta.com/oauth2/default',
      audience: 'api://default',
      algorithms: ['RS256'],
      claims: { clientId: 'cid', scope: 'scp', roles: 'groups' },
    },
  ],
  [
    'okta, another server',
    () => presets.okta({ domain: 'acme.okta.com', authorizationServerId: 'aus1', audience: 'api' }),
    {
      issuer: 'https://acme.okta.com/oauth2/aus1',
      audience: 'api',
      algorithms: ['RS256'],
      claims: { clientId: 'cid', scope: 'scp', roles: 'groups' },
    },
  ],
  [
    'rfc9068',
    () => presets.rfc9068({ issuer: 'https://id.acme.com', audience: 'api' }),
    {
      issuer: 'https://id.acme.com',
      audience: 'api',
      profile: 'rfc9068',
      claims: { roles: ['roles', 'groups', 'entitlements'] },
    },
  ],
  [
    'zitadel',
    () => presets.zitadel({ domain: 'acme.zitadel.cloud', projectId: '123' }),
    {
      issuer: 'https://acme.zitadel.cloud',
      audience: '123',
      claims: { roles: 'urn:zitadel:iam:org:project:roles' },
    },
  ],
  [
    'zitadel, some applications',
    () => presets.zitadel({ domain: 'acme.zitadel.cloud', projectId: '123', clientIds: ['a'] }),
    {
      issuer: 'https://acme.zitadel.cloud',
      audience: '123',
      clientId: ['a'],
      claims: { roles: 'urn:zitadel:iam:org:project:roles' },
    },
  ],
]

describe('presets set what their products need', () => {
  it.each(SETTINGS)('%s', (_name, construct, options) => {
    expect(construct()).toEqual(options)
  })
})

const KEYS = { jwks: { keys: [] } }

describe('presets, overridden', () => {
  it('find keys in one place: that of the caller, where one is given', () => {
    const b2c = { tenantName: 'acme', tenantId: TENANT, policy: 'p', audience: 'a' }
    for (const keys of [KEYS, { jwksUri: 'https://mirror.test' }, { secret: Buffer.alloc(32) }]) {
      const options = presets.b2c({ ...b2c, ...keys })
      expect(options.discoveryUrl).toBeUndefined()
      expect(options).toMatchObject(keys)
    }
    const moved = presets.b2c({ ...b2c, discoveryUrl: 'https://mirror.test' })
    expect(moved.discoveryUrl).toBe('https://mirror.test')
  })

  it('keep what an option that is undefined does not override', () => {
    const options = presets.okta({
      domain: 'acme.okta.com',
      claims: { scope: undefined, roles: 'team' },
    })
    expect(options.claims).toEqual({ clientId: 'cid', scope: 'scp', roles: 'team' })
  })
})

const b2cWith = (changes: object) => () =>
  presets.b2c({ tenantName: 'a', tenantId: 'b', policy: 'c', audience: 'd', ...changes })
const keycloakWith = (changes: object) => () =>
  presets.keycloak({ baseUrl: 'https://id.test', realm: 'r', audience: 'a', ...changes })
const auth0With = (domain: unknown) => () =>
  presets.auth0({ domain: domain as string, audience: 'a' })
const entraWith = (tenantIds: unknown) => () =>
  presets.entra({ tenantIds: tenantIds as string, audience: 'a' })

describe('presets refuse at construction', () => {
  it.each<[string, (value: unknown) => () => unknown, readonly unknown[]]>([
    [
      'auth0: "domain"',
      auth0With,
      ['', undefined, 7, 'https://a.test', 'a.test/', 'a.test/x', 'a.test?x', 'u@a.test', 'A.test'],
    ],
    ['b2c: "tenantName"', (tenantName) => b2cWith({ tenantName }), ['', 'a/b', '..', '.', 'a b']],
    ['b2c: "tenantId"', (tenantId) => b2cWith({ tenantId }), ['', 'a/b', 'a%2F', 'a?b', 7]],
    ['b2c: "policy"', (policy) => b2cWith({ policy }), ['', 'a/b', '#', '..']],
    [
      'cognito: "region"',
      (region) => () =>
        presets.cognito({ region: region as string, userPoolId: 'p', clientIds: 'c' }),
      ['', 'a/b', 'evil.test/'],
    ],
    [
      'cognito: "userPoolId"',
      (pool) => () => presets.cognito({ region: 'r', userPoolId: pool as string, clientIds: 'c' }),
      ['', '../x', 7],
    ],
    [
      'entra: "tenantIds"',
      entraWith,
      ['', [], 'common', 'organizations', `${TENANT}0`, [TENANT, 'common']],
    ],
    [
      'entra: "cloud"',
      (cloud) => () => presets.entra({ tenantIds: TENANT, audience: 'a', cloud: cloud as 'china' }),
      ['', 'germany', 'toString', 7],
    ],
    [
      'keycloak: "baseUrl"',
      (baseUrl) => keycloakWith({ baseUrl }),
      ['', 'id.test', 'https://id.test/', 'https://id.test/realms/r', 7],
    ],
    ['keycloak: "realm"', (realm) => keycloakWith({ realm }), ['', '../x', 'a b', 7]],
    ['keycloak: "audience"', (audience) => keycloakWith({ audience }), ['', [], 7]],
    [
      'okta: "domain"',
      (domain) => () => presets.okta({ domain: domain as string }),
      ['', 'https://acme.okta.com'],
    ],
    [
      'okta: "authorizationServerId"',
      (id) => () => presets.okta({ domain: 'acme.okta.com', authorizationServerId: id as string }),
      ['', 'a/b'],
    ],
    [
      'zitadel: "domain"',
      (domain) => () => presets.zitadel({ domain: domain as string, projectId: '1' }),
      ['', 'https://acme.zitadel.cloud'],
    ],
    [
      'zitadel: "projectId"',
      (projectId) => () => presets.zitadel({ domain: 'a.test', projectId: projectId as string }),
      ['', 7],
    ],
  ])('%s', (complaint, construct, values) => {
    for (const value of values) {
      expect(construct(value)).toThrow(new RegExp(`^${complaint} must `))
    }
  })

  it.each([
    ['auth0', presets.auth0],
    ['b2c', presets.b2c],
    ['cognito', presets.cognito],
    ['entra', presets.entra],
    ['googleIdToken', presets.googleIdToken],
    ['hydra', presets.hydra],
    ['keycloak', presets.keycloak],
    ['okta', presets.okta],
    ['rfc9068', presets.rfc9068],
    ['zitadel', presets.zitadel],
  ])('%s: an unknown option', (name, preset) => {
    const construct = preset as (options: object) => unknown
    expect(() => construct({ misspelt: 1 })).toThrow(`${name}: unknown option "misspelt"`)
  })
})
