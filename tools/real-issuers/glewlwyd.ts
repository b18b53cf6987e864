import { X509Certificate } from 'node:crypto'
import { bearer } from '../../lib/index.js'
import type { ClientCertificate } from '../client-certificates.js'
import { codeFlow, openSession, REDIRECT_URI } from './code-flow.js'
import { allowFurtherMembers, openAdmin, type GlewlwydAdmin } from './glewlwyd-admin.js'
import { generateKey, generateShortKey, type KeyKind } from './glewlwyd-keys.js'
import { startGlewlwydServer } from './glewlwyd-server.js'
import {
  AUDIENCE,
  basic,
  clientToken,
  post,
  proofFor,
  SCOPE,
  WEB_CLIENT,
  type LoggedIn,
  type RealIssuer,
  type RunningIssuer,
} from './issuer.js'

const MACHINE = { id: 'm2m', secret: 'm2m-secret-0123456789' }
const CERTIFIED = 'certified'
/** A client that has it may ask about the tokens of all clients. */
const ASKING_SCOPE = 'introspect'
const CERTIFICATE_HEADER = 'X-Client-Cert'

export interface GlewlwydOptions {
  readonly name: string
  /** `short`: on P-521, a coordinate without its leading zero byte. `secret`: HS256. */
  readonly key: KeyKind | 'short' | 'secret'
  readonly columns?: readonly string[]
}

export interface WebClient {
  readonly id: string
  readonly secret: string
  readonly redirectUri: string
  readonly logoutUri: string
  /** Whether logout tokens name the session. */
  readonly sid: boolean
  readonly afterLogout?: string
}

/** A running one, of which the administrator is at hand. */
export interface Glewlwyd {
  readonly root: string
  readonly url: string
  readonly admin: GlewlwydAdmin
  readonly addClient: (client: WebClient) => Promise<void>
  readonly stop: () => Promise<void>
}

const LACKS = {
  encrypted: 'it encrypts to its clients, and never to an API',
  opaque: 'its access tokens are JWTs',
  'step-up': 'its tokens carry neither "acr" nor "auth_time"',
}

export function glewlwyd({ name, key, columns }: GlewlwydOptions): RealIssuer {
  return {
    name: `glewlwyd 2.7.5, ${name}`,
    lacks: LACKS,
    ...(columns && { columns }),
    async start(logoutUri) {
      const server = await startGlewlwyd(key)
      const client = { ...WEB_CLIENT, redirectUri: REDIRECT_URI, logoutUri, sid: false }
      await server.addClient(client)
      const secret = key === 'secret' ? { settings: { secret: Buffer.from(SHARED_SECRET) } } : {}
      return { ...running(server), ...secret }
    },
  }
}

const SHARED_SECRET = 'a shared secret of 32 bytes or more'

export async function startGlewlwyd(key: GlewlwydOptions['key']): Promise<Glewlwyd> {
  const { root, stop } = await startGlewlwydServer()
  const url = `${root}/api/oidc`
  const admin = await openAdmin(root)
  await allowFurtherMembers(admin)
  for (const name of [SCOPE, ASKING_SCOPE]) {
    const scope = { name, display_name: name, description: name, password_required: true }
    await admin.send('POST', '/scope', { ...scope, scheme: {} })
  }
  const plugin = { module: 'oidc', name: 'oidc', display_name: 'OpenID Connect', order_rank: 0 }
  await admin.send('POST', '/mod/plugin/', { ...plugin, parameters: parameters(url, key) })
  const machine = {
    confidential: true,
    enabled: true,
    authorization_type: ['client_credentials'],
    redirect_uri: [],
    scope: [SCOPE, ASKING_SCOPE],
  }
  await admin.send('POST', '/client/', {
    ...machine,
    client_id: MACHINE.id,
    client_secret: MACHINE.secret,
    token_endpoint_auth_method: ['client_secret_basic'],
  })
  await admin.send('POST', '/client/', {
    ...machine,
    client_id: CERTIFIED,
    token_endpoint_auth_method: ['tls_client_auth'],
    tls_client_auth_subject_dn: 'CN=ann',
  })
  await admin.send('POST', '/user/', {
    username: 'alice',
    name: 'Alice',
    enabled: true,
    password: 'alice-password',
    scope: ['g_profile', 'openid', SCOPE],
  })
  return {
    root,
    url,
    admin,
    stop,
    addClient: (client) =>
      admin.send('POST', '/client/', {
        client_id: client.id,
        client_secret: client.secret,
        enabled: true,
        confidential: true,
        scope: [],
        authorization_type: ['code', 'refresh_token'],
        redirect_uri: [client.redirectUri],
        token_endpoint_auth_method: ['client_secret_basic'],
        backchannel_logout_uri: client.logoutUri,
        // A text: with a boolean it is refused.
        ...(client.sid && { backchannel_logout_session_required: 'true' }),
        ...(client.afterLogout !== undefined && {
          post_logout_redirect_uris: [client.afterLogout],
        }),
      }),
  }
}

function running({ root, url, admin, stop }: Glewlwyd): RunningIssuer {
  const endpoint = `${url}/token`
  const authorization = basic(MACHINE.id, MACHINE.secret)
  const resource = { resource: AUDIENCE }
  let keys = 1
  return {
    url,
    stop,
    token: () => clientToken(endpoint, resource, { authorization }),
    async rotate() {
      keys += 1
      const plugin = (await admin.read('/mod/plugin/oidc')) as { parameters: Parameters }
      const set = JSON.parse(plugin.parameters['jwks-private'] ?? '') as { keys: object[] }
      const key = generateKey({ size: 'EC256', alg: 'ES256' }, `k${keys}`)
      Object.assign(plugin.parameters, {
        'jwks-private': JSON.stringify({ keys: [key, ...set.keys] }),
        'default-kid': `k${keys}`,
      })
      await admin.send('PUT', '/mod/plugin/oidc', plugin)
      await admin.send('PUT', '/mod/plugin/oidc/reset')
    },
    asking: {
      clientId: MACHINE.id,
      // By secret, a client is told of its own tokens alone; of others it hears "inactive".
      clientAuth: bearer(() => clientToken(endpoint, { scope: ASKING_SCOPE }, { authorization })),
    },
    async revoke(token) {
      await post(`${url}/revoke`, { token }, { authorization })
    },
    dpopToken: async (client) =>
      clientToken(endpoint, resource, { authorization, dpop: await proofFor(client, endpoint) }),
    certificateToken: (certificate) =>
      clientToken(
        endpoint,
        { ...resource, client_id: CERTIFIED },
        { [CERTIFICATE_HEADER]: inHeader(certificate) },
      ),
    logIn: () => logIn(root, url),
    logout: { allowMissingExp: true, algorithms: ['RS256', 'ES256', 'ES512', 'EdDSA'] },
  }
}

/** PEM in one line, as proxies hand it on. */
function inHeader({ cert }: ClientCertificate): string {
  return new X509Certificate(cert).toString().trim().replaceAll('\n', ' ')
}

async function logIn(root: string, url: string): Promise<LoggedIn> {
  const session = openSession()
  const send = async (method: string, path: string, body?: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' }
    const json = body === undefined ? {} : { body: JSON.stringify(body) }
    const answer = await session.fetch(`${root}${path}`, { method, headers, ...json })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  }
  const scope = `openid ${SCOPE}`
  await send('POST', '/api/auth/', { username: 'alice', password: 'alice-password' })
  await send('PUT', `/api/auth/grant/${WEB_CLIENT.id}`, { scope })
  let sid = ''
  const token = await codeFlow({
    authorizationEndpoint: `${url}/auth`,
    tokenEndpoint: `${url}/token`,
    parameters: { scope, g_continue: '' },
    resource: AUDIENCE,
    async authorize(to) {
      const answer = await session.fetch(to)
      sid =
        answer.headers
          .getSetCookie()
          .join()
          .match(/OIDC_SID=(\w+)/)?.[1] ?? ''
      return answer.headers.get('location') ?? ''
    },
  })
  return { accessToken: token, logOut: () => send('DELETE', `/api/oidc/session/${sid}`) }
}

type Parameters = Record<string, string | undefined>

/** Of its OpenID Connect plugin. */
function parameters(url: string, kind: GlewlwydOptions['key']): Readonly<Record<string, unknown>> {
  return {
    iss: url,
    ...signing(kind),
    'jwks-show': true,
    'access-token-duration': 3600,
    'refresh-token-duration': 86_400,
    'code-duration': 60,
    'allow-non-oidc': true,
    'auth-type-code-enabled': true,
    'auth-type-id-token-enabled': true,
    'auth-type-client-enabled': true,
    'auth-type-refresh-enabled': true,
    'allowed-scope': ['openid', SCOPE],
    'pkce-allowed': true,
    'subject-type': 'public',
    'introspection-revocation-allowed': true,
    'introspection-revocation-allow-target-client': true,
    'introspection-revocation-auth-scope': [ASKING_SCOPE],
    'session-management-allowed': true,
    'back-channel-logout-allowed': true,
    'front-channel-logout-allowed': true,
    'session-cookie-name': 'GLEWLWYD2_OIDC_SID',
    'session-cookie-expiration': 86_400,
    'oauth-dpop-allowed': true,
    'oauth-dpop-iat-duration': 60,
    'resource-allowed': true,
    'resource-scope': { [SCOPE]: [AUDIENCE] },
    'client-cert-source': 'header',
    'client-cert-header-name': CERTIFICATE_HEADER,
  }
}

function signing(kind: GlewlwydOptions['key']): Readonly<Record<string, string>> {
  if (kind === 'secret') return { 'jwt-type': 'sha', 'jwt-key-size': '256', key: SHARED_SECRET }
  const key = kind === 'short' ? generateShortKey('k1') : generateKey(kind, 'k1')
  return {
    'jwt-type': 'rsa',
    'jwt-key-size': '256',
    'jwks-private': JSON.stringify({ keys: [key] }),
    'default-kid': 'k1',
  }
}
