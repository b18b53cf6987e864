// better-auth as an authorization server, in memory. PORT, LOGOUT_URI. Its clients are told at /__clients,
// and /__rotate drops all keys: the next token is signed with a new one.
import { createServer } from 'node:http'
import { oauthProvider } from '@better-auth/oauth-provider'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { betterAuth } from 'better-auth'
import { toNodeHandler } from 'better-auth/node'
import { jwt } from 'better-auth/plugins'

const { PORT, LOGOUT_URI, REDIRECT_URI, AUDIENCE, SCOPE } = process.env
const origin = `http://127.0.0.1:${PORT}`
const tables = ['user', 'session', 'account', 'verification', 'jwks', 'rateLimit']
const ofProvider = [
  'Client',
  'Resource',
  'ClientResource',
  'RefreshToken',
  'AccessToken',
  'Consent',
]
const database = Object.fromEntries(
  [...tables, ...ofProvider.map((name) => `oauth${name}`), 'oauthClientAssertion'].map((name) => [
    name,
    [],
  ]),
)
const auth = betterAuth({
  baseURL: origin,
  secret: 'a secret of the tests, which protects nothing',
  database: memoryAdapter(database),
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  emailAndPassword: { enabled: true },
  disabledPaths: ['/token'],
  plugins: [
    jwt({ disableSettingJwtHeader: true }),
    oauthProvider({
      clientPrivileges: () => true,
      enforcePerClientResources: false,
      loginPage: '/login',
      consentPage: '/consent',
      silenceWarnings: { oauthAuthServerConfig: true, openidConfig: true },
      scopes: ['openid', 'offline_access', SCOPE],
      resources: [{ identifier: AUDIENCE, name: 'Notes' }],
    }),
  ],
})

const signUp = await auth.handler(
  new Request(`${origin}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ email: 'alice@example.com', password: 'alice-password', name: 'Alice' }),
  }),
)
const cookie = signUp.headers.getSetCookie().map((line) => line.split(';')[0])
const headers = new Headers({ cookie: cookie.join('; ') })
const register = (body) => auth.api.adminCreateOAuthClient({ headers, body })
const machine = await register({
  client_name: 'machine',
  redirect_uris: [REDIRECT_URI],
  grant_types: ['client_credentials'],
  client_credentials_scopes: [SCOPE],
})
const web = await register({
  client_name: 'web',
  redirect_uris: [REDIRECT_URI],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'client_secret_basic',
  skip_consent: true,
  enable_end_session: true,
})
// Registration wants https, and this is a loopback address.
const stored = database.oauthClient.find(({ clientId }) => clientId === web.client_id)
Object.assign(stored, { backchannelLogoutUri: LOGOUT_URI, backchannelLogoutSessionRequired: true })

const answer = toNodeHandler(auth)
const clients = Object.entries({ machine, web }).map(([name, { client_id, client_secret }]) => [
  name,
  { id: client_id, secret: client_secret },
])
createServer((req, res) => {
  if (req.url === '/__clients') res.end(JSON.stringify(Object.fromEntries(clients)))
  else if (req.url === '/__rotate') {
    database.jwks.length = 0
    res.end()
  } else void answer(req, res)
}).listen(Number(PORT), '127.0.0.1')
