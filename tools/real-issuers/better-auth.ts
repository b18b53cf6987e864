import { clientSecretBasic } from '../../lib/index.js'
import { freePort } from '../../lib/testing/free-port.js'
import { codeFlow, openSession, REDIRECT_URI, type Session } from './code-flow.js'
import { AUDIENCE, basic, clientToken, post, proofFor, SCOPE, type RealIssuer } from './issuer.js'
import { installPackages } from './packages.js'
import { startProgram } from './program.js'

interface Client {
  readonly id: string
  readonly secret: string
}

const VERSION = '1.7.5'
const ALICE = { email: 'alice@example.com', password: 'alice-password', name: 'Alice' }
const NO_CERTIFICATES = 'it binds to no certificates'
const NO_ENCRYPTION = 'it encrypts no tokens'

/** With its plugin for OAuth. Without `resource` in the request its tokens are opaque. */
export const betterAuth: RealIssuer = {
  name: `better-auth ${VERSION}, oauthProvider`,
  lacks: {
    encrypted: NO_ENCRYPTION,
    revoked: 'it revokes no JWTs',
    mTLS: NO_CERTIFICATES,
    'step-up': 'its tokens carry neither "acr" nor "auth_time"',
  },
  async start(logoutUri) {
    const folder = installPackages()
    const port = await freePort()
    const root = `http://127.0.0.1:${port}`
    const { stop } = await startProgram(process.execPath, ['better-auth.js'], {
      cwd: folder,
      env: { PORT: String(port), LOGOUT_URI: logoutUri, REDIRECT_URI, AUDIENCE, SCOPE },
      readyAt: `${root}/__clients`,
    })
    const clients = await (await fetch(`${root}/__clients`)).json()
    const { machine, web } = clients as { readonly machine: Client; readonly web: Client }
    const url = `${root}/api/auth`
    const endpoint = `${url}/oauth2/token`
    const resource = { resource: AUDIENCE }
    const authorization = basic(machine.id, machine.secret)
    return {
      url,
      stop,
      token: () => clientToken(endpoint, resource, { authorization }),
      async rotate() {
        await fetch(`${root}/__rotate`)
      },
      opaqueToken: () => clientToken(endpoint, {}, { authorization }),
      opaqueSettings: { audience: false, clientId: machine.id },
      asking: { clientId: machine.id, clientAuth: clientSecretBasic(machine.secret) },
      async revoke(token) {
        await post(`${url}/oauth2/revoke`, { token }, { authorization })
      },
      dpopToken: async (client) =>
        clientToken(endpoint, resource, { authorization, dpop: await proofFor(client, endpoint) }),
      async logIn() {
        const session = openSession()
        await send(session, root, '/sign-in/email', ALICE)
        const token = await codeFlow({
          authorizationEndpoint: `${url}/oauth2/authorize`,
          tokenEndpoint: endpoint,
          // It tells of a logout only whom it gave something that it keeps: a refresh token, or an opaque one.
          parameters: { scope: `openid offline_access ${SCOPE}` },
          resource: AUDIENCE,
          client: web,
          async authorize(to) {
            const answer = await session.fetch(to)
            const leads = answer.headers.get('location')
            if (leads !== null) return leads
            return ((await answer.json()) as { readonly url: string }).url
          },
        })
        return {
          accessToken: token,
          async logOut() {
            await send(session, root, '/sign-out', {})
          },
        }
      },
      logout: { clientId: web.id, algorithms: ['EdDSA'] },
    }
  },
}

/** With its plugin for JWTs alone: a session can be had as a JWT, which names its origin twice. */
export const betterAuthSessions: RealIssuer = {
  name: `better-auth ${VERSION}, jwt alone`,
  lacks: { rfc9068: 'its tokens have no "typ", "client_id" or "jti"' },
  columns: ['discovery', 'JWT', 'rfc9068', 'outage'],
  async start() {
    const folder = installPackages()
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const readyAt = `${url}/api/auth/ok`
    const options = { cwd: folder, env: { PORT: String(port) }, readyAt }
    const { stop } = await startProgram(process.execPath, ['better-auth-jwt.js'], options)
    const session = openSession()
    await send(session, url, '/sign-up/email', ALICE)
    return {
      url,
      stop,
      audience: url,
      scope: false,
      settings: { jwksUri: `${url}/api/auth/jwks` },
      async token() {
        const answer = await session.fetch(`${url}/api/auth/token`)
        return ((await answer.json()) as { readonly token: string }).token
      },
    }
  },
}

async function send(session: Session, root: string, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json', origin: root }
  const url = `${root}/api/auth${path}`
  const answer = await session.fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
}
