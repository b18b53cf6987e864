import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AdapterConstructor, ClientMetadata, Configuration, JWK } from 'oidc-provider'
import { hushAdvice } from './hush-advice.js'
import { createProviderStore } from './provider-store.js'

hushAdvice()
const { Provider, errors } = await import('oidc-provider')

/** What the demo's API is called in `aud`, and an API next door with tokens of its own. */
export const AUDIENCE = 'https://notes.example'
export const OTHER_AUDIENCE = 'https://billing.example'
/** An API whose tokens say nothing by themselves: it asks the issuer about each (RFC 7662). */
export const OPAQUE_AUDIENCE = 'https://archive.example'

/** Client credentials: a job without a user. Its secret is worth nothing outside the demo. */
export const JOB = { id: 'nightly-job', secret: 'demo-secret-of-the-nightly-job' }
/** Like `JOB`, but its tokens live for one second. */
export const HASTY_JOB = { id: 'hasty-job', secret: 'demo-secret-of-the-hasty-job' }
/** Authorization code with PKCE: an app that users log in to. */
export const APP = { id: 'notes-app', redirectUri: 'http://127.0.0.1/callback' }

/** An OpenID provider (panva's oidc-provider) on loopback, with the faults that a tour needs. */
export interface DemoProvider {
  readonly issuer: string
  /** Signs with a new key from now on, and withdraws the old one from the JWKS. */
  rotateKey(): void
  /** Registers where `APP` wants to hear of logouts (`backchannel_logout_uri`). */
  registerLogoutUri(uri: string): void
  /** Closes the port: connections are refused until `open()`. */
  close(): Promise<void>
  open(): Promise<void>
}

export interface ProviderOptions {
  readonly port: number
  /** A further API with tokens of its own, by its identifier. */
  readonly resource?: string | undefined
  /** What to add to a user's access token when it is issued, such as roles. */
  readonly claimsOf?: (user: string) => Readonly<Record<string, unknown>>
  /** Clients besides those of the tour. */
  readonly clients?: readonly ClientMetadata[]
  /** How long the access tokens of users live. @default an hour */
  readonly userTokenSeconds?: number
}

export async function startProvider(options: ProviderOptions): Promise<DemoProvider> {
  const { port, resource, claimsOf = () => ({}), clients = [], userTokenSeconds = 3600 } = options
  const issuer = `http://127.0.0.1:${port}`
  const memory = {
    cookieKey: randomBytes(32).toString('base64url'),
    adapter: createProviderStore(),
  }
  let signingKey = createSigningKey()
  let logoutUri = 'http://127.0.0.1/back-channel-logout'
  let handle = createHandler()
  let server: Server | undefined

  function createHandler(): RequestListener {
    const users = { claimsOf, userTokenSeconds }
    const settings = { signingKey, logoutUri, resource, clients, ...users, ...memory }
    const callback = new Provider(issuer, configuration(settings)).callback()
    return (req, res) => {
      // Its pages ask for a font of the Internet, which the demo needs for nothing else.
      res.setHeader('Content-Security-Policy', "style-src 'unsafe-inline'; font-src 'none'")
      // A user who must log in again gets a new session: the one before may be revoked.
      if (/^\/auth\?.*prompt=login/.test(req.url ?? '')) {
        delete req.headers.cookie
        res.setHeader('Set-Cookie', FORGOTTEN_SESSION)
      }
      void callback(req, res)
    }
  }

  const provider: DemoProvider = {
    issuer,
    rotateKey() {
      signingKey = createSigningKey()
      handle = createHandler()
    },
    registerLogoutUri(uri) {
      logoutUri = uri
      handle = createHandler()
    },
    async open() {
      server = createServer((req, res) => handle(req, res)).listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    async close() {
      if (server?.listening !== true) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  await provider.open()
  return provider
}

const FORGOTTEN_SESSION = ['_session', '_session.sig'].map((name) => `${name}=; Path=/; Max-Age=0`)

function createSigningKey(): JWK {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const kid = randomBytes(6).toString('base64url')
  return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }
}

interface Settings extends Required<Omit<ProviderOptions, 'port'>> {
  readonly signingKey: JWK
  readonly cookieKey: string
  readonly adapter: AdapterConstructor
  readonly logoutUri: string
}

function configuration(settings: Settings): Configuration {
  const { signingKey, logoutUri, claimsOf, clients, userTokenSeconds } = settings
  const audiences = [AUDIENCE, OTHER_AUDIENCE, OPAQUE_AUDIENCE, settings.resource]
  return {
    jwks: { keys: [signingKey] },
    adapter: settings.adapter,
    cookies: { keys: [settings.cookieKey] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clients: [
      job(JOB),
      job(HASTY_JOB),
      {
        client_id: APP.id,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: [APP.redirectUri],
        // Only clients that want to hear of logouts get the session (`sid`) with their tokens.
        backchannel_logout_uri: logoutUri,
        backchannel_logout_session_required: true,
      },
      ...clients,
    ],
    // Its own fetch reaches no loopback address: right for an issuer, but here the API is on one.
    fetch(url, init) {
      const options: Record<string, unknown> = { ...init }
      delete options['dispatcher']
      return fetch(url, options)
    },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    // ID tokens carry the session then; access tokens only by this.
    extraTokenClaims: (_ctx, token) =>
      'accountId' in token ? { sid: token.sid, ...claimsOf(token.accountId) } : undefined,
    ttl: {
      AccessToken: userTokenSeconds,
      ClientCredentials: (_ctx, _token, client) => (client.clientId === HASTY_JOB.id ? 1 : 3600),
      AuthorizationCode: 60,
      Grant: 86_400,
      IdToken: 3600,
      RefreshToken: 86_400,
      Interaction: 3600,
      Session: 86_400,
    },
    features: {
      backchannelLogout: { enabled: true },
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      dPoP: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => {
          if (!audiences.includes(resource)) throw new errors.InvalidTarget()
          const server = {
            audience: resource,
            scope: 'notes:read notes:write notes:delete notes:admin users:block',
          }
          return resource === OPAQUE_AUDIENCE
            ? { ...server, accessTokenFormat: 'opaque' }
            : { ...server, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }
        },
      },
    },
  }
}

function job({ id, secret }: typeof JOB): NonNullable<Configuration['clients']>[number] {
  return {
    client_id: id,
    client_secret: secret,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  }
}
