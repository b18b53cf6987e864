import { createHash, randomBytes } from 'node:crypto'
import { APP, AUDIENCE, JOB, type DemoProvider } from './provider.js'

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
  const basic = Buffer.from(`${client.id}:${client.secret}`).toString('base64')
  return requestToken(
    issuer,
    { grant_type: 'client_credentials', scope, resource: audience },
    { authorization: `Basic ${basic}` },
  )
}

/**
 * Logs a user in as a browser would, in a session of its own, and returns the access token:
 * authorization code with PKCE (RFC 6749 §4.1, RFC 7636).
 */
export async function tokenForUser(
  { issuer }: Pick<DemoProvider, 'issuer'>,
  user: string,
  scope: string,
): Promise<string> {
  const verifier = randomBytes(32).toString('base64url')
  const state = randomBytes(16).toString('base64url')
  const authorization = new URL('/auth', issuer)
  authorization.search = new URLSearchParams({
    client_id: APP.id,
    redirect_uri: APP.redirectUri,
    response_type: 'code',
    scope: `openid ${scope}`,
    resource: AUDIENCE,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()

  const callback = await followLogin(authorization, user)
  if (callback.searchParams.get('state') !== state) throw new Error('The state came back changed')
  return requestToken(issuer, {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: APP.redirectUri,
    client_id: APP.id,
    code_verifier: verifier,
  })
}

/** Follows redirects, fills in the login and the consent form, and stops at the redirect URI. */
async function followLogin(from: URL, user: string): Promise<URL> {
  const cookies = new Map<string, string>()
  let url = from
  let form: URLSearchParams | undefined
  for (let hops = 0; hops < 12; hops += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      method: form === undefined ? 'GET' : 'POST',
      body: form ?? null,
      headers: { cookie },
      redirect: 'manual',
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    const page = await response.text()
    if (location !== null) {
      url = new URL(location, url)
      form = undefined
      if (url.href.startsWith(APP.redirectUri)) return url
    } else {
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1]
      if (prompt === undefined) throw new Error(`No form at ${url.pathname} (${response.status})`)
      form = new URLSearchParams({ prompt, login: user, password: 'any will do' })
    }
  }
  throw new Error('The login goes round in circles')
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
