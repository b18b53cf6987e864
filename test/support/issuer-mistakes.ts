import type { RequireBearerOptions } from '../../lib/index.js'
import { entra } from '../../lib/issuers.js'
import { createTestIssuer, type TestIssuer } from '../../lib/testing.js'

export type Json = Readonly<Record<string, unknown>>

/** A mistake: claims that are not as the page wants them, a token of its own, or guards. */
export interface Mistake {
  readonly claims?: Json
  readonly token?: string
  /** In place of the guards of the page, or behind them. */
  readonly options?: Partial<RequireBearerOptions>
  readonly scope?: string
  /** A guard of the page behind the first. */
  readonly behind?: string
  /** Names of reasons, or 200 where nothing tells. */
  readonly reason: string
}

export interface Product {
  /** What the product puts into a good token. */
  readonly claims: Json
  readonly mistakes: Readonly<Record<string, Mistake>>
}

export const TENANT = '3fa85f64-5717-4562-b3fc-2c963f66afa6'
export const APP = '11111111-2222-3333-4444-555555555555'
const OPAQUE = 'x'.repeat(40)
const none = undefined

/** The keys that stand for those of each product. */
export const SIGNER: TestIssuer = createTestIssuer({ alg: 'RS256' })
const SUPABASE = { iss: 'https://abcdefgh.supabase.co/auth/v1', aud: 'authenticated' }

/** Products of docs/issuers.md, and each mistake that a request can show. */
export const MISTAKES: Readonly<Record<string, Product>> = {
  Auth0: {
    claims: { iss: 'https://acme.eu.auth0.com/', aud: 'https://api.acme.com' },
    mistakes: {
      'the client asks for no audience': { token: OPAQUE, reason: 'malformed_token' },
      '`issuer` without the slash at its end': {
        options: { issuer: 'https://acme.eu.auth0.com' },
        reason: 'unknown_issuer',
      },
      'a custom domain in front of the tenant': {
        claims: { iss: 'https://login.acme.com/' },
        reason: 'unknown_issuer',
      },
      '`requireScope` for what RBAC gives': {
        claims: { permissions: ['notes:read'] },
        scope: 'notes:read',
        reason: 'scope_missing',
      },
    },
  },
  Okta: {
    claims: {
      iss: 'https://acme.okta.com/oauth2/default',
      aud: 'api://default',
      client_id: none,
      cid: 'client-1',
    },
    mistakes: {
      'a token of the org server, `iss` without `/oauth2/`': {
        claims: { iss: 'https://acme.okta.com' },
        reason: 'unknown_issuer',
      },
      'a custom domain': {
        claims: { iss: 'https://login.acme.com/oauth2/default' },
        reason: 'unknown_issuer',
      },
    },
  },
  'Microsoft Entra ID': {
    claims: {
      iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
      tid: TENANT,
      ver: '2.0',
      aud: APP,
    },
    mistakes: {
      'the client asks for a scope of Graph': {
        claims: { aud: '00000003-0000-0000-c000-000000000000' },
        reason: 'wrong_audience',
      },
      'one of the two audiences alone': {
        options: entra({ tenantIds: TENANT, audience: `api://${APP}` }),
        reason: 'wrong_audience',
      },
      '`requireScope` for an app without user': {
        claims: { roles: ['Notes.Read.All'], idtyp: 'app' },
        scope: 'notes:read',
        reason: 'scope_missing',
      },
    },
  },
  Keycloak: {
    claims: { iss: 'https://id.acme.com/realms/acme', aud: 'notes-api', typ: 'Bearer' },
    mistakes: {
      'no audience mapper': { claims: { aud: 'account' }, reason: 'wrong_audience' },
      'another host name inside than outside': {
        claims: { iss: 'http://keycloak:8080/realms/acme' },
        reason: 'unknown_issuer',
      },
      'lightweight access tokens': { behind: 'isEditor', reason: 'role_missing' },
    },
  },
  'Amazon Cognito': {
    claims: {
      iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc',
      aud: none,
      token_use: 'access',
      client_id: 'client-id',
    },
    mistakes: {
      'the front end sends the ID token': {
        claims: { aud: 'client-id', token_use: 'id', client_id: none },
        reason: 'not_an_access_token',
      },
      "the hosted login's domain as issuer": {
        options: { issuer: 'https://acme.auth.eu-west-1.amazoncognito.com' },
        reason: 'unknown_issuer',
      },
      'a scope without its resource server': {
        claims: { scope: 'openid' },
        behind: 'canRead',
        reason: 'scope_missing',
      },
    },
  },
  Google: {
    claims: {
      iss: 'https://accounts.google.com',
      aud: '123.apps.googleusercontent.com',
      azp: '123.apps.googleusercontent.com',
      client_id: none,
    },
    mistakes: {
      'the access token `ya29.…`': { token: `ya29.${OPAQUE}`, reason: 'malformed_token' },
      'the client id of another app': {
        claims: { aud: '456.apps.googleusercontent.com' },
        reason: 'wrong_audience',
      },
    },
  },
  ZITADEL: {
    claims: { iss: 'https://acme.zitadel.cloud', aud: ['123456789'] },
    mistakes: {
      'the default token type': { token: OPAQUE, reason: 'malformed_token' },
      'no audience scope': { claims: { aud: ['987@notes'] }, reason: 'wrong_audience' },
      '`requireScope`': { scope: 'notes:read', reason: 'scope_missing' },
    },
  },
  'Ory Hydra': {
    claims: { iss: 'https://acme.projects.oryapis.com', aud: ['https://api.acme.com'] },
    mistakes: {
      'tokens begin with `ory_at_`': { token: `ory_at_${OPAQUE}`, reason: 'malformed_token' },
      'the client is not allowed an audience': { claims: { aud: [] }, reason: 'wrong_audience' },
    },
  },
  Supabase: {
    claims: SUPABASE,
    mistakes: {
      'tokens are still HS256': {
        token: SIGNER.algConfusion(SUPABASE),
        reason: 'algorithm_not_allowed',
      },
      'the `anon` or `service_role` key': {
        claims: { iss: 'supabase', aud: none, sub: none, role: 'anon' },
        reason: 'unknown_issuer',
      },
    },
  },
  Clerk: {
    claims: {
      iss: 'https://clerk.acme.com',
      aud: none,
      client_id: none,
      azp: 'https://app.acme.com',
    },
    mistakes: {
      'tokens of a development instance': {
        claims: { iss: 'https://neat-cat-1.clerk.accounts.dev' },
        reason: 'unknown_issuer',
      },
      'a new front end': { claims: { azp: 'https://new.acme.com' }, reason: 'wrong_client' },
    },
  },
  WorkOS: {
    claims: {
      iss: 'https://api.workos.com/user_management/client_123',
      aud: none,
      client_id: 'client_123',
    },
    mistakes: {
      'the issuer of another product': {
        claims: { iss: 'https://neat-cat.authkit.app' },
        reason: 'unknown_issuer',
      },
      'no `client_id` in the token': { claims: { client_id: none }, reason: 'claim_mismatch' },
    },
  },
  'AD FS': {
    claims: { iss: 'http://fs.acme.com/adfs/services/trust', aud: 'https://api.acme.com' },
    mistakes: {
      'the issuer of its metadata': {
        options: { issuer: 'https://fs.acme.com/adfs' },
        reason: 'unknown_issuer',
      },
      '`microsoft:identityserver:…` in `aud`': {
        claims: { aud: 'microsoft:identityserver:notes' },
        reason: 'wrong_audience',
      },
    },
  },
  'Cloudflare Access': {
    claims: {
      iss: 'https://acme.cloudflareaccess.com',
      aud: ['4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2'],
    },
    mistakes: {
      'the AUD tag of another application': {
        claims: { aud: ['another'] },
        reason: 'wrong_audience',
      },
      "the address of the app in place of the team's": {
        options: { issuer: 'https://app.acme.com' },
        reason: 'unknown_issuer',
      },
      'a client that reaches the app past Access': { token: '', reason: 'no_credential' },
    },
  },
  'GitHub Actions': {
    claims: {
      iss: 'https://token.actions.githubusercontent.com',
      aud: 'https://deploy.acme.com',
      repository: 'somebody/else',
    },
    mistakes: {
      'no audience asked for': {
        claims: { aud: 'https://github.com/acme' },
        reason: 'wrong_audience',
      },
      'no guard for the repository': { reason: 'nothing' },
    },
  },
  Kubernetes: {
    claims: { iss: 'https://kubernetes.default.svc.cluster.local', aud: ['notes-api'] },
    mistakes: {
      "the pod's default token": {
        claims: { aud: ['https://kubernetes.default.svc.cluster.local'] },
        reason: 'wrong_audience',
      },
      'a managed cluster': {
        claims: { iss: 'https://oidc.eks.eu-west-1.amazonaws.com/id/ABC' },
        reason: 'unknown_issuer',
      },
    },
  },
}

/** Rows about what no request shows. */
export const NO_REFUSAL: Readonly<Record<string, string>> = {
  'users kept by `sub`': 'data of the app',
  '`http://keycloak:8080` inside a network': 'below, at start',
  'a private CA': 'below, by real TLS',
  'no role for the keys': 'below, by a real answer of 403',
}
