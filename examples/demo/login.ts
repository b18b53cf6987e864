import { createHash, randomBytes } from 'node:crypto'
import type { DpopClient } from '../../tools/dpop-client.js'
import { APP, AUDIENCE, JOB, type DemoProvider } from './provider.js'
import { openUserAgent, type UserAgent } from './user-agent.js'

/** What a token is asked for. */
export interface TokenRequest {
  readonly scope: string
  readonly client?: typeof JOB
  readonly audience?: string
}

/** A token for a job without a user: the client credentials grant (RFC 6749 §4.4). */
export function tokenForJob(
  { issuer }: Pick<DemoProvider, 'issuer'>,
  { scope, client = JOB, audience = AUDIENCE }: TokenRequest,
): Promise<string> {
  const form = { grant_type: 'client_credentials', scope, resource: audience }
  return requestToken(issuer, form, { authorization: basicOf(client) })
}

/** The same, bound to the key of `holder` (RFC 9449 §5). */
export async function boundTokenForJob(
  { issuer }: Pick<DemoProvider, 'issuer'>,
  { scope, client = JOB, audience = AUDIENCE }: TokenRequest,
  holder: DpopClient,
): Promise<string> {
  const htu = new URL('/token', issuer).href
  const dpop = await holder.proof('', { claims: { htm: 'POST', htu, ath: undefined } })
  const form = { grant_type: 'client_credentials', scope, resource: audience }
  return requestToken(issuer, form, { authorization: basicOf(client), dpop })
}

function basicOf({ id, secret }: typeof JOB): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
}

/** A user's login session at the issuer, in a browser of its own. */
export interface UserSession {
  /** The access token. */
  readonly token: string
  /** What a click on "log out" at the issuer does: the issuer then tells its clients by back channel. */
  logOutAtIssuer(): Promise<void>
}

/** An access token of a new session. */
export async function tokenForUser(
  provider: Pick<DemoProvider, 'issuer'>,
  user: string,
  scope: string,
): Promise<string> {
  const { token } = await logIn(provider, user, scope)
  return token
}

/** Logs a user in as a browser would: authorization code with PKCE (RFC 6749 §4.1, RFC 7636). */
export async function logIn(
  { issuer }: Pick<DemoProvider, 'issuer'>,
  user: string,
  scope: string,
  resource: string = AUDIENCE,
): Promise<UserSession> {
  const visit = openUserAgent()
  const verifier = randomBytes(32).toString('base64url')
  const state = randomBytes(16).toString('base64url')
  const authorization = new URL('/auth', issuer)
  authorization.search = new URLSearchParams({
    client_id: APP.id,
    redirect_uri: APP.redirectUri,
    response_type: 'code',
    scope: `openid ${scope}`,
    resource,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()

  const callback = await followLogin(visit, authorization, user)
  if (callback.searchParams.get('state') !== state) throw new Error('The state came back changed')
  const token = await requestToken(issuer, {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: APP.redirectUri,
    client_id: APP.id,
    code_verifier: verifier,
  })
  return { token, logOutAtIssuer: () => endSession(visit, issuer) }
}

/** Follows redirects, fills in the login and the consent form, and stops at the redirect URI. */
export async function followLogin(visit: UserAgent, from: URL, user: string): Promise<URL> {
  let url = from
  let form: Record<string, string> | undefined
  for (let hops = 0; hops < 12; hops += 1) {
    const { location, html, status } = await visit(url, form)
    if (location === undefined) {
      const prompt = /name="prompt" value="(\w+)"/.exec(html)?.[1]
      if (prompt === undefined) throw new Error(`No form at ${url.pathname} (${status})`)
      form = { prompt, login: user, password: 'any will do' }
    } else {
      if (location.href.startsWith(APP.redirectUri)) return location
      url = location
      form = undefined
    }
  }
  throw new Error('The login goes round in circles')
}

/** OpenID Connect RP-Initiated Logout 1.0 §2, with the click that confirms it. */
async function endSession(visit: UserAgent, issuer: string): Promise<void> {
  const question = await visit(new URL('/session/end', issuer))
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(question.html)?.[1]
  if (xsrf === undefined) throw new Error(`No question whether to log out (${question.status})`)
  const answer = await visit(new URL('/session/end/confirm', issuer), { xsrf, logout: 'yes' })
  if (answer.status >= 400) throw new Error(`The issuer did not log out (${answer.status})`)
}

async function requestToken(
  issuer: string,
  parameters: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const response = await fetch(new URL('/token', issuer), {
    method: 'POST',
    body: new URLSearchParams(parameters),
    headers,
  })
  const body = (await response.json()) as Readonly<Record<string, unknown>>
  const token = body['access_token']
  if (typeof token === 'string') return token
  throw new Error(`The issuer gave no token: ${response.status} ${JSON.stringify(body)}`)
}
