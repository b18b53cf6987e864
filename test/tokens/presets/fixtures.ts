import { expect } from '@jest/globals'
import type { Auth, IssuerOptions } from '../../../lib/index.js'
import * as presets from '../../../lib/tokens/presets/index.js'

type Jwks = NonNullable<IssuerOptions['jwks']>

export const NOW = 1_800_000_000
export const TENANT = '3fa85f64-5717-4562-b3fc-2c963f66afa6'
const OTHER_TENANT = 'aaaaaaaa-5717-4562-b3fc-2c963f66afa6'
const times = { iat: NOW - 60, exp: NOW + 300 }

export interface Fixture {
  readonly options: IssuerOptions
  /** A token shaped as the issuer sends it. */
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly expected: Partial<Record<keyof Auth, unknown>>
  /** Its usual first-run mistakes: claims to change, and what the log must then say. */
  readonly mistakes: readonly (readonly [string, Readonly<Record<string, unknown>>, RegExp])[]
}

export const FIXTURES: Readonly<Record<string, (jwks: Jwks) => Fixture>> = {
  'auth0, default dialect': (jwks) => ({
    options: presets.auth0({
      domain: 'acme.eu.auth0.com',
      audience: 'https://api.acme.com',
      jwks,
    }),
    header: { typ: 'JWT' },
    claims: {
      iss: 'https://acme.eu.auth0.com/',
      sub: 'auth0|123',
      aud: ['https://api.acme.com', 'https://acme.eu.auth0.com/userinfo'],
      azp: 'client-a',
      gty: 'password',
      scope: 'openid read:notes',
      permissions: ['read:notes', 'write:notes'],
      ...times,
    },
    expected: {
      clientId: 'client-a',
      scopes: new Set(['openid', 'read:notes']),
      permissions: new Set(['read:notes', 'write:notes']),
      tokenId: expect.stringMatching(/^[\w-]{43}$/),
    },
    mistakes: [
      ['issuer without its slash', { iss: 'https://acme.eu.auth0.com' }, /trailing slash/],
    ],
  }),
  okta: (jwks) => ({
    options: presets.okta({ domain: 'acme.okta.com', jwks }),
    header: {},
    claims: {
      ver: 1,
      jti: 'AT.abc',
      iss: 'https://acme.okta.com/oauth2/default',
      aud: 'api://default',
      sub: 'ann@acme.com',
      cid: 'client-o',
      uid: '00u1',
      scp: ['openid', 'notes.read'],
      groups: ['Everyone'],
      ...times,
    },
    expected: {
      clientId: 'client-o',
      scopes: new Set(['openid', 'notes.read']),
      roles: new Set(['Everyone']),
      tokenId: 'AT.abc',
    },
    mistakes: [
      ['token of the organisation server', { iss: 'https://acme.okta.com' }, /Expected issuer/],
    ],
  }),
  'entra, version 2': (jwks) => ({
    options: presets.entra({
      tenantIds: TENANT,
      audience: ['api-guid', 'api://acme'],
      jwks,
    }),
    header: { typ: 'JWT' },
    claims: {
      iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
      aud: 'api-guid',
      azp: 'client-e',
      oid: 'user-guid',
      sub: 'pairwise',
      scp: 'Notes.Read Notes.Write',
      tid: TENANT,
      uti: 'uti-1',
      ver: '2.0',
      ...times,
    },
    expected: {
      clientId: 'client-e',
      scopes: new Set(['Notes.Read', 'Notes.Write']),
      tokenId: 'uti-1',
      roles: new Set(),
    },
    mistakes: [
      [
        'another tenant',
        { iss: `https://login.microsoftonline.com/${OTHER_TENANT}/v2.0` },
        /Expected issuer/,
      ],
    ],
  }),
  'entra, version 1, application token': (jwks) => ({
    options: presets.entra({
      tenantIds: [TENANT, OTHER_TENANT],
      audience: 'api://acme',
      jwks,
    }),
    header: { typ: 'JWT' },
    claims: {
      iss: `https://sts.windows.net/${TENANT}/`,
      aud: 'api://acme',
      appid: 'client-e',
      sub: 'app',
      roles: ['Notes.Read.All'],
      tid: TENANT,
      uti: 'uti-2',
      ver: '1.0',
      ...times,
    },
    // A role is not a scope: requireScope must answer 403 to an application token.
    expected: { clientId: 'client-e', scopes: new Set(), roles: new Set(['Notes.Read.All']) },
    mistakes: [],
  }),
  keycloak: (jwks) => ({
    options: presets.keycloak({
      baseUrl: 'https://id.acme.com',
      realm: 'acme',
      audience: 'notes-api',
      jwks,
    }),
    header: { typ: 'JWT' },
    claims: {
      iss: 'https://id.acme.com/realms/acme',
      aud: ['notes-api', 'account'],
      sub: 'user-k',
      typ: 'Bearer',
      azp: 'web',
      sid: 'session-k',
      jti: 'jti-k',
      realm_access: { roles: ['staff'] },
      resource_access: {
        'notes-api': { roles: ['editor'] },
        account: { roles: ['manage-account'] },
      },
      scope: 'profile notes',
      ...times,
    },
    expected: {
      clientId: 'web',
      sessionId: 'session-k',
      tokenId: 'jti-k',
      roles: new Set(['staff', 'editor']),
    },
    mistakes: [
      ['no audience mapper', { aud: 'account' }, /audience mapper/],
      ['refresh token sent', { typ: 'Refresh' }, /"typ" says that it is "Refresh"/],
    ],
  }),
  cognito: (jwks) => ({
    options: presets.cognito({
      region: 'eu-central-1',
      userPoolId: 'eu-central-1_Ab',
      clientIds: 'client-c',
      jwks,
    }),
    header: {},
    claims: {
      iss: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab',
      sub: 'user-c',
      client_id: 'client-c',
      origin_jti: 'origin-1',
      event_id: 'event-1',
      token_use: 'access',
      scope: 'notes/read',
      jti: 'jti-c',
      username: 'ann',
      'cognito:groups': ['admins'],
      ...times,
    },
    expected: {
      audience: [],
      clientId: 'client-c',
      sessionId: 'origin-1',
      roles: new Set(['admins']),
      scopes: new Set(['notes/read']),
    },
    mistakes: [
      ['ID token sent', { token_use: 'id', aud: 'client-c' }, /audience is the client/],
      ['token of another client', { client_id: 'client-x' }, /client that is not configured/],
    ],
  }),
  hydra: (jwks) => ({
    options: presets.hydra({
      issuer: 'https://hydra.acme.com',
      audience: 'notes',
      jwks,
    }),
    header: { typ: 'JWT' },
    claims: {
      iss: 'https://hydra.acme.com',
      aud: ['notes'],
      sub: 'user-h',
      client_id: 'client-h',
      jti: 'jti-h',
      scp: ['notes.read'],
      ext: { roles: ['editor'] },
      ...times,
    },
    expected: { scopes: new Set(['notes.read']), roles: new Set(['editor']) },
    mistakes: [['no audience asked for', { aud: [] }, /Expected one of \["notes"\], got \[\]/]],
  }),
  zitadel: (jwks) => ({
    options: presets.zitadel({
      domain: 'acme.zitadel.cloud',
      projectId: '42',
      clientIds: 'app@acme',
      jwks,
    }),
    header: { typ: 'JWT' },
    claims: {
      iss: 'https://acme.zitadel.cloud',
      aud: ['app@acme', 'other@acme', '42'],
      sub: '1001',
      client_id: 'app@acme',
      jti: 'jti-z',
      'urn:zitadel:iam:org:project:roles': { editor: { '7': 'acme.zitadel.cloud' } },
      ...times,
    },
    expected: { roles: new Set(['editor']), scopes: new Set() },
    mistakes: [['token of another application', { client_id: 'other@acme' }, /client/]],
  }),
  b2c: (jwks) => ({
    options: presets.b2c({
      tenantName: 'acme',
      tenantId: TENANT,
      policy: 'B2C_1_signin',
      audience: 'api-guid',
      jwks,
    }),
    header: { typ: 'JWT' },
    claims: {
      iss: `https://acme.b2clogin.com/${TENANT}/v2.0/`,
      aud: 'api-guid',
      sub: 'user-b',
      azp: 'client-b',
      scp: 'notes.read',
      tfp: 'B2C_1_signin',
      nbf: NOW - 60,
      ...times,
    },
    expected: { scopes: new Set(['notes.read']), tokenId: expect.stringMatching(/^[\w-]{43}$/) },
    mistakes: [],
  }),
  googleIdToken: (jwks) => ({
    options: presets.googleIdToken({
      clientIds: 'app.googleusercontent.com',
      jwks,
    }),
    header: { typ: 'JWT' },
    claims: {
      iss: 'accounts.google.com',
      aud: 'app.googleusercontent.com',
      azp: 'app.googleusercontent.com',
      sub: '1234567890',
      email: 'ann@acme.com',
      at_hash: 'abc',
      nonce: 'n',
      ...times,
    },
    expected: { subject: '1234567890', scopes: new Set() },
    mistakes: [['ID token of another app', { aud: 'x.googleusercontent.com' }, /Expected one of/]],
  }),
  rfc9068: (jwks) => ({
    options: presets.rfc9068({
      issuer: 'https://id.acme.com',
      audience: 'https://api.acme.com',
      jwks,
    }),
    header: { typ: 'at+jwt' },
    claims: {
      iss: 'https://id.acme.com',
      aud: 'https://api.acme.com',
      sub: 'user-r',
      client_id: 'client-r',
      jti: 'jti-r',
      scope: 'read',
      groups: [{ value: 'staff', display: 'Staff' }],
      ...times,
    },
    expected: { scopes: new Set(['read']), roles: new Set(['staff']) },
    mistakes: [['no client_id', { client_id: undefined }, /no "client_id"/]],
  }),
}
