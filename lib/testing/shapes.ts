import type { IssuerFields } from '../tokens/issuers/policy/options.js'
import { auth0 } from '../tokens/issuers/presets/auth0.js'
import { cognito } from '../tokens/issuers/presets/cognito.js'
import { entra } from '../tokens/issuers/presets/entra.js'
import { keycloak } from '../tokens/issuers/presets/keycloak.js'
import { okta } from '../tokens/issuers/presets/okta.js'
import { rfc9068 } from '../tokens/issuers/presets/rfc9068.js'
import { zitadel } from '../tokens/issuers/presets/zitadel.js'
import type { JsonObject, TestAlgorithm } from './signing-key.js'

/** How the tokens of one product look. */
export interface Shape {
  readonly alg: TestAlgorithm
  readonly typ: string
  /** The preset, as an app would call it. */
  options(issuer: string, audience: string): IssuerFields
  /**
   * Puts the claims that every test may set by a plain name where the product has them: `scope`,
   * `roles`, `permissions`, `client_id`, `sid`, `jti`, `aud`.
   */
  claims(plain: JsonObject): JsonObject
}

export type Likeness = 'rfc9068' | 'keycloak' | 'auth0' | 'entra' | 'okta' | 'cognito' | 'zitadel'

const GUID = '11111111-2222-4333-8444-555555555555'

/** No product: what RFC 9068 asks for, read by the settings that take the most issuers. */
export const PLAIN: Shape = {
  alg: 'ES256',
  typ: 'at+jwt',
  options: (issuer, audience) => ({ issuer, audience }),
  claims: (plain) => plain,
}

export const SHAPES: Readonly<Record<Likeness, Shape>> = {
  rfc9068: { ...PLAIN, options: (issuer, audience) => rfc9068({ issuer, audience }) },
  keycloak: {
    alg: 'RS256',
    typ: 'JWT',
    options: (_issuer, audience) =>
      keycloak({ baseUrl: 'https://keycloak.test', realm: 'test', audience }),
    claims: ({ client_id, roles, ...rest }) => ({
      typ: 'Bearer',
      azp: client_id,
      ...(roles !== undefined && { realm_access: { roles } }),
      ...rest,
    }),
  },
  auth0: {
    alg: 'RS256',
    typ: 'JWT',
    options: (_issuer, audience) => auth0({ domain: 'tenant.auth0.test', audience }),
    claims: ({ client_id, ...rest }) => ({ azp: client_id, ...rest }),
  },
  entra: {
    alg: 'RS256',
    typ: 'JWT',
    options: (_issuer, audience) => entra({ tenantIds: GUID, audience }),
    claims: ({ client_id, scope, jti, ...rest }) => ({
      azp: client_id,
      scp: scope,
      uti: jti,
      tid: GUID,
      ver: '2.0',
      ...rest,
    }),
  },
  okta: {
    alg: 'RS256',
    typ: 'JWT',
    options: (_issuer, audience) => okta({ domain: 'tenant.okta.test', audience }),
    claims: ({ client_id, scope, roles, ...rest }) => ({
      cid: client_id,
      scp: typeof scope === 'string' ? scope.split(' ') : scope,
      groups: roles,
      ...rest,
    }),
  },
  cognito: {
    alg: 'RS256',
    typ: 'JWT',
    options: (_issuer, audience) =>
      cognito({ region: 'eu-central-1', userPoolId: 'eu-central-1_Test', clientIds: audience }),
    // Its access tokens name the client alone.
    claims: ({ aud, client_id: _client, sid, roles, ...rest }) => ({
      token_use: 'access',
      client_id: aud,
      origin_jti: sid,
      'cognito:groups': roles,
      ...rest,
    }),
  },
  zitadel: {
    alg: 'RS256',
    typ: 'JWT',
    options: (_issuer, audience) => zitadel({ domain: 'zitadel.test', projectId: audience }),
    claims: ({ roles, ...rest }) => ({
      ...(Array.isArray(roles) && {
        'urn:zitadel:iam:org:project:roles': Object.fromEntries(
          roles.map((role) => [String(role), { '1': 'zitadel.test' }]),
        ),
      }),
      ...rest,
    }),
  },
}
