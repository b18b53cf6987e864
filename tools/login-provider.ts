import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { decodeJwt } from 'jose'
import type { Configuration, JWK, KoaContextWithOIDC } from 'oidc-provider'
import { hushAdvice } from '../examples/demo/hush-advice.js'
import { serve, type RunningServer } from './server.js'

hushAdvice()
const { Provider, errors } = await import('oidc-provider')

export const CLIENT = { id: 'web-app', secret: 'secret-of-the-web-app-of-the-tests' }
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const OTHER_CLIENT = { id: 'other-app', secret: 'secret-of-the-other-app-of-the-tests' }
export const AUDIENCE = 'https://notes.example'

export interface LoginProviderOptions {
  readonly redirectUri: string
  readonly afterLogout?: string
  readonly logoutUri?: string
  /** Origin of another app with `tokenHandler` at `/auth`, for `OTHER_CLIENT`. @default none */
  readonly other?: string
  /** Life of access tokens, or of those by a grant. @default 3600 */
  readonly accessSeconds?: number | ((grantType: string) => number)
  /** Whether it takes pushed authorization requests. @default false */
  readonly par?: boolean
  /** Classes that it can bring. */
  readonly acrValues?: readonly string[]
}

/** An OpenID provider with one confidential client, which counts what it is asked. */
export interface LoginProvider extends RunningServer {
  /** Requests by path, such as `/token`. */
  readonly asked: ReadonlyMap<string, number>
  /** Grant types at the token endpoint, in order. */
  readonly grants: readonly string[]
  /** Forgets all refresh tokens. */
  revokeAll(): Promise<void>
  /** While set, every request waits for it first, or is answered with its status. */
  trouble: ((path: string) => Promise<number | undefined | void>) | undefined
}

export async function startLoginProvider(options: LoginProviderOptions): Promise<LoginProvider> {
  const asked = new Map<string, number>()
  const grants: string[] = []
  let answer: (
    ...given: Parameters<ReturnType<InstanceType<typeof Provider>['callback']>>
  ) => unknown
  const server = await serve((req, res) => {
    const path = (req.url ?? '').split('?', 1)[0] ?? ''
    asked.set(path, (asked.get(path) ?? 0) + 1)
    const go = async (): Promise<void> => {
      const status = await provider.trouble?.(path)
      if (typeof status !== 'number') await answer(req, res)
      else res.writeHead(status, { 'content-type': 'text/plain' }).end('trouble')
    }
    void go()
  })
  const oidc = new Provider(server.url, configuration(options))
  allowExchange(oidc)
  const tokens = new Set<{ destroy(): Promise<unknown> }>()
  oidc.on('refresh_token.saved', (token) => tokens.add(token))
  const provider: LoginProvider = {
    ...server,
    asked,
    grants,
    trouble: undefined,
    async revokeAll() {
      for (const token of tokens) await token.destroy()
    },
  }
  oidc.on('grant.success', (ctx) => grants.push(String(ctx.oidc.params?.['grant_type'])))
  oidc.on('grant.error', (ctx) => grants.push(`${String(ctx.oidc.params?.['grant_type'])} refused`))
  answer = oidc.callback()
  return provider
}

/** RFC 8693, as far as tests need it: a token of ours for one of another audience, with the same user. */
function allowExchange(oidc: InstanceType<typeof Provider>): void {
  const exchange = async (ctx: KoaContextWithOIDC): Promise<void> => {
    const { client, params = {} } = ctx.oidc
    const subject = String(params['subject_token'])
    const { aud, exp = 0 } = decodeJwt(subject)
    const audience = String(params['audience'])
    if (aud !== AUDIENCE || exp < Date.now() / 1000) throw new errors.InvalidGrant('no such token')
    if (audience === 'https://forbidden.example') throw new errors.InvalidTarget()
    const token = new oidc.ClientCredentials({
      client: client!,
      scope: typeof params['scope'] === 'string' ? params['scope'] : '',
    })
    token.resourceServer = new oidc.ResourceServer(audience, {
      audience,
      scope: 'bills:read',
      accessTokenFormat: 'jwt',
      jwt: { sign: { alg: 'ES256' } },
    })
    const value = await token.save()
    ctx.body = {
      access_token: value,
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: token.expiration,
    }
  }
  const parameters = ['audience', 'scope', 'subject_token', 'subject_token_type']
  oidc.registerGrantType(EXCHANGE, exchange, parameters)
}

function configuration(options: LoginProviderOptions): Configuration {
  const {
    redirectUri,
    afterLogout,
    logoutUri,
    accessSeconds = 3600,
    acrValues = [],
    other,
  } = options
  return {
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    acrValues: [...acrValues],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token', EXCHANGE],
        ...(afterLogout !== undefined && { post_logout_redirect_uris: [afterLogout] }),
        ...(logoutUri !== undefined && {
          backchannel_logout_uri: logoutUri,
          backchannel_logout_session_required: true,
        }),
      },
      ...(other === undefined
        ? []
        : [
            {
              client_id: OTHER_CLIENT.id,
              client_secret: OTHER_CLIENT.secret,
              redirect_uris: [`${other}/auth/callback`],
              grant_types: ['authorization_code', 'refresh_token'],
              backchannel_logout_uri: `${other}/auth/backchannel-logout`,
              backchannel_logout_session_required: true,
            },
          ]),
    ],
    // Its own fetch reaches no loopback address: right for an issuer, but here the app is on one.
    fetch(url, init) {
      const given: RequestInit = { ...init }
      Reflect.deleteProperty(given, 'dispatcher')
      return fetch(url, given)
    },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, name: `Mx ${id}` }) }),
    claims: { openid: ['sub', 'name', 'sid'] },
    conformIdTokenClaims: false,
    // Each login of this client gets one, and each use a new one: rotation as strict as it comes.
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    extraTokenClaims: (ctx, token) => {
      const { subject_token: subject } = ctx.oidc.params ?? {}
      if (typeof subject === 'string') return { user: decodeJwt(subject).sub }
      if (!('accountId' in token)) return undefined
      const { AuthorizationCode: code, RefreshToken: refresh } = ctx.oidc.entities
      return { sid: token.sid, auth_time: code?.authTime ?? refresh?.authTime }
    },
    formats: {
      customizers: {
        jwt(_ctx, token, jwt) {
          const user = 'extra' in token ? token.extra?.['user'] : undefined
          if (user !== undefined) Object.assign(jwt.payload, { sub: user })
        },
      },
    },
    ttl: {
      AccessToken: (ctx) =>
        typeof accessSeconds === 'number'
          ? accessSeconds
          : accessSeconds(String(ctx.oidc.params?.['grant_type'])),
      AuthorizationCode: 60,
      Grant: 86_400,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    features: {
      backchannelLogout: { enabled: true },
      devInteractions: { enabled: true },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      pushedAuthorizationRequests: { enabled: options.par ?? false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          audience: AUDIENCE,
          scope: 'notes:read notes:write',
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  }
}

function signingKey(): JWK {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), kid: 'login', alg: 'ES256', use: 'sig' }
}
