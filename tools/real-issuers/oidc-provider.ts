import { createPublicKey, generateKeyPairSync, X509Certificate, type JsonWebKey } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { interactionPolicy, Provider, type Configuration, type JWK } from 'oidc-provider'
import { clientSecretBasic } from '../../lib/index.js'
import { heedAcr, logInByItself } from '../automatic-login.js'
import { serve } from '../server.js'
import { codeFlow, openSession, REDIRECT_URI, type Session } from './code-flow.js'
import {
  AUDIENCE,
  basic,
  clientToken,
  post,
  proofFor,
  SCOPE,
  WEB_CLIENT,
  type RealIssuer,
  type RunningIssuer,
} from './issuer.js'

export interface OidcProviderOptions {
  readonly name: string
  readonly alg: 'ES256' | 'EdDSA'
  readonly encrypts?: boolean
  /** Subjects that differ by client, and access tokens without `sid`. */
  readonly pairwise?: boolean
  readonly columns?: readonly string[]
}

const CERTIFICATE_HEADER = 'x-client-cert'
/** By id: what its access tokens are. */
const MACHINES = ['jwt', 'opaque', 'certified'] as const
const secretOf = (id: string): string => `secret-of-the-${id}-client-of-the-table`

/** oidc-provider with keys that none of its defaults has. */
export function oidcProvider(options: OidcProviderOptions): RealIssuer {
  return {
    name: `oidc-provider 9, ${options.name}`,
    lacks: { revoked: 'it revokes no JWTs', rotation: 'its keys are fixed at its start' },
    ...(options.columns && { columns: options.columns }),
    async start(logoutUri) {
      const provider: { current?: Provider } = {}
      const server = await serve((req, res) => {
        const { current } = provider
        if (current === undefined) return
        if (req.url?.startsWith('/interaction/') !== true) return void current.callback()(req, res)
        const user = { accountId: 'alice', clientId: WEB_CLIENT.id }
        logInByItself(current, req, res, { ...user, audience: AUDIENCE, scope: SCOPE }).catch(
          (error: unknown) => res.writeHead(500).end(String(error)),
        )
      })
      const encryption = privateJwk('ES256', { kid: 'enc-1', alg: 'ECDH-ES', use: 'enc' })
      const settings = configuration(options, logoutUri, options.encrypts ? encryption : undefined)
      provider.current = new Provider(server.url, settings)
      const decryption = options.encrypts && { settings: { decryptionKeys: [encryption] } }
      return { ...running(server.url, options), ...decryption, stop: () => server.close() }
    },
  }
}

function running(url: string, { alg, pairwise }: OidcProviderOptions): Omit<RunningIssuer, 'stop'> {
  const endpoint = `${url}/token`
  const by = (id: string) => ({ authorization: basic(id, secretOf(id)) })
  return {
    url,
    token: () => clientToken(endpoint, {}, by('jwt')),
    opaqueToken: () => clientToken(endpoint, {}, by('opaque')),
    asking: { clientId: 'jwt', clientAuth: clientSecretBasic(secretOf('jwt')) },
    async revoke(token) {
      await post(`${url}/token/revocation`, { token }, by('opaque'))
    },
    dpopToken: async (client) =>
      clientToken(endpoint, {}, { ...by('jwt'), dpop: await proofFor(client, endpoint) }),
    certificateToken: ({ cert }) =>
      clientToken(endpoint, {}, { ...by('certified'), [CERTIFICATE_HEADER]: inHeader(cert) }),
    async logIn(acr) {
      const session = openSession()
      const accessToken = await codeFlow({
        authorizationEndpoint: `${url}/auth`,
        tokenEndpoint: endpoint,
        parameters: { scope: `openid ${SCOPE}`, ...(acr !== undefined && { acr_values: acr }) },
        resource: AUDIENCE,
        authorize: (to) => follow(session, to),
      })
      return { accessToken, logOut: () => logOut(session, url) }
    },
    logout: { algorithms: [alg], endBy: pairwise ? 'subject' : 'session' },
  }
}

async function follow(session: Session, from: URL): Promise<string> {
  let url = from
  for (let hops = 0; hops < 12; hops += 1) {
    const answer = await session.fetch(url)
    const location = answer.headers.get('location')
    if (location === null) throw new Error(`${answer.status}: ${await answer.text()}`)
    if (location.startsWith(REDIRECT_URI)) return location
    url = new URL(location, url)
  }
  throw new Error('The login goes round in circles')
}

/** Its own page asks whether to; this is a yes. */
async function logOut(session: Session, url: string): Promise<void> {
  const page = await (await session.fetch(`${url}/session/end`)).text()
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const body = new URLSearchParams({ xsrf, logout: 'yes' })
  await session.fetch(`${url}/session/end/confirm`, { method: 'POST', body })
}

function inHeader(cert: string): string {
  return new X509Certificate(cert).raw.toString('base64')
}

function certificateIn({ headers }: IncomingMessage): X509Certificate | undefined {
  const given = headers[CERTIFICATE_HEADER]
  return typeof given === 'string' ? new X509Certificate(Buffer.from(given, 'base64')) : undefined
}

function privateJwk(alg: OidcProviderOptions['alg'], members: object): JWK & JsonWebKey {
  const { privateKey } =
    alg === 'EdDSA'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), ...members }
}

function configuration(
  { alg, pairwise = false }: OidcProviderOptions,
  logoutUri: string,
  encryption: (JWK & JsonWebKey) | undefined,
): Configuration {
  return {
    jwks: { keys: [privateJwk(alg, { kid: 'op-1', alg, use: 'sig' })] },
    acrValues: ['pwd', 'mfa'],
    enabledJWA: { idTokenSigningAlgValues: [alg] },
    clientDefaults: { id_token_signed_response_alg: alg },
    clients: [
      ...MACHINES.map((id) => ({
        client_id: id,
        client_secret: secretOf(id),
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        tls_client_certificate_bound_access_tokens: id === 'certified',
      })),
      {
        client_id: WEB_CLIENT.id,
        client_secret: WEB_CLIENT.secret,
        grant_types: ['authorization_code'],
        redirect_uris: [REDIRECT_URI],
        backchannel_logout_uri: logoutUri,
        backchannel_logout_session_required: true,
        ...(pairwise && { subject_type: 'pairwise' }),
      },
    ],
    ...(pairwise && {
      subjectTypes: ['pairwise'],
      pairwiseIdentifier: (_ctx, id, { clientId }) => `${clientId}-${id}`,
    }),
    interactions: {
      policy: heedAcr(interactionPolicy),
      url: (_ctx, { uid }) => `/interaction/${uid}`,
    },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    // RFC 9068 §2.2.1, and the session, by which a logout there is one here.
    extraTokenClaims(ctx, token) {
      if (pairwise || !('accountId' in token)) return undefined
      const { acr, authTime } = ctx.oidc.entities.AuthorizationCode ?? {}
      return { sid: token.sid, acr, auth_time: authTime }
    },
    // Its own fetch reaches no loopback address: right for an issuer, but here the app is on one.
    fetch(url, init) {
      const given: RequestInit = { ...init }
      Reflect.deleteProperty(given, 'dispatcher')
      return fetch(url, given)
    },
    features: {
      backchannelLogout: { enabled: true },
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        getCertificate: ({ req }) => certificateIn(req),
      },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, audience, { clientId }) => ({
          scope: SCOPE,
          audience,
          ...(clientId === 'opaque'
            ? { accessTokenFormat: 'opaque' }
            : { accessTokenFormat: 'jwt', jwt: format(alg, encryption) }),
        }),
      },
    },
  }
}

function format(alg: string, encryption: JsonWebKey | undefined): { sign: { alg: 'ES256' } } {
  const sign = { alg, kid: 'op-1' } as { alg: 'ES256' }
  if (encryption === undefined) return { sign }
  const { d: _private, ...jwk } = encryption
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const encrypt = { alg: 'ECDH-ES', enc: 'A256GCM', kid: 'enc-1', key }
  return { sign, encrypt } as { sign: { alg: 'ES256' } }
}
