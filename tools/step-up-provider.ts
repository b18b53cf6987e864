import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import { heedAcr, logInByItself, type AutomaticLogin } from './automatic-login.js'
import { running } from './server.js'

/** A login at the provider, as its client remembers it. */
export interface LoggedIn {
  readonly accessToken: string
  /** A new access token without a new login. */
  refresh(): Promise<string>
}

export interface Browser {
  /** Sends the user to the provider with these parameters, and back. The session stays. */
  logIn(parameters?: Readonly<Record<string, string>>): Promise<LoggedIn>
}

/** A real OpenID provider whose user logs in by whatever `acr_values` asks for, else by password. */
export interface StepUpProvider {
  readonly issuer: string
  /** How long ago logins without `max_age` seem to have been. */
  loggedInSecondsAgo: number
  /** Logins so far. */
  logins: number
  openBrowser(): Browser
  close(): Promise<void>
}

export const AUDIENCE = 'https://bank.example'
export const RESOURCE_SERVER = { id: 'bank-api', secret: 'a secret of the API' }
const CLIENT = 'bank-app'
const REDIRECT_URI = 'http://127.0.0.1/callback'

export async function startStepUpProvider(format: 'jwt' | 'opaque'): Promise<StepUpProvider> {
  const { Provider, interactionPolicy } = await import('oidc-provider')
  const signing = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const jwk = { ...signing.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig' } as const
  let handle: RequestListener | undefined
  const server = await running(createServer((req, res) => handle?.(req, res)))

  const oidc = new Provider(server.url, {
    jwks: { keys: [jwk] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    acrValues: ['pwd', 'mfa'],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clients: [
      {
        client_id: CLIENT,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [REDIRECT_URI],
      },
      {
        client_id: RESOURCE_SERVER.id,
        client_secret: RESOURCE_SERVER.secret,
        grant_types: [],
        response_types: [],
        redirect_uris: [],
      },
    ],
    interactions: {
      policy: heedAcr(interactionPolicy),
      url: (_ctx, { uid }) => `/interaction/${uid}`,
    },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    issueRefreshToken: () => true,
    // RFC 9068 §2.2.1: of the login, however many times it was refreshed.
    extraTokenClaims(ctx) {
      const { AuthorizationCode, RefreshToken } = ctx.oidc.entities
      const login = AuthorizationCode ?? RefreshToken
      return { acr: login?.acr, auth_time: login?.authTime }
    },
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, audience) => ({
          audience,
          scope: 'transfer',
          ...(format === 'opaque'
            ? { accessTokenFormat: 'opaque' }
            : { accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }),
        }),
      },
    },
  })

  const user: AutomaticLogin = {
    accountId: 'alice',
    clientId: CLIENT,
    audience: AUDIENCE,
    scope: 'transfer',
    secondsAgo: ({ max_age: maxAge }) => (maxAge === undefined ? whole.loggedInSecondsAgo : 0),
    onLogin() {
      whole.logins += 1
    },
  }
  const callback = oidc.callback()
  handle = (req, res) => {
    if (req.url?.startsWith('/interaction/') !== true) void callback(req, res)
    else {
      logInByItself(oidc, req, res, user).catch((error: unknown) =>
        res.writeHead(500).end(String(error)),
      )
    }
  }

  const whole: StepUpProvider = {
    issuer: server.url,
    loggedInSecondsAgo: 0,
    logins: 0,
    openBrowser: () => openBrowser(server.url),
    close: () => server.close(),
  }
  return whole
}

function openBrowser(issuer: string): Browser {
  const cookies = new Map<string, string>()

  async function follow(from: URL): Promise<URL> {
    let url = from
    for (let hops = 0; hops < 12; hops += 1) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const response = await fetch(url, { headers: { cookie }, redirect: 'manual' })
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        cookies.set(name, value)
      }
      const location = response.headers.get('location')
      if (location === null) throw new Error(`${response.status}: ${await response.text()}`)
      if (location.startsWith(REDIRECT_URI)) return new URL(location)
      url = new URL(location, url)
    }
    throw new Error('The login goes round in circles')
  }

  async function token(form: Record<string, string>): Promise<Record<string, string>> {
    const body = new URLSearchParams({ client_id: CLIENT, ...form })
    const response = await fetch(new URL('/token', issuer), { method: 'POST', body })
    if (!response.ok) throw new Error(await response.text())
    return (await response.json()) as Record<string, string>
  }

  return {
    async logIn(parameters = {}) {
      const verifier = randomBytes(32).toString('base64url')
      const authorization = new URL('/auth', issuer)
      authorization.search = new URLSearchParams({
        client_id: CLIENT,
        redirect_uri: REDIRECT_URI,
        response_type: 'code',
        scope: 'openid transfer',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...parameters,
      }).toString()
      const code = (await follow(authorization)).searchParams.get('code') ?? ''
      const grant = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI }
      const first = await token({ ...grant, code_verifier: verifier })
      let refreshToken = first['refresh_token'] ?? ''
      return {
        accessToken: first['access_token'] ?? '',
        async refresh() {
          const next = await token({ grant_type: 'refresh_token', refresh_token: refreshToken })
          refreshToken = next['refresh_token'] ?? refreshToken
          return next['access_token'] ?? ''
        },
      }
    },
  }
}
