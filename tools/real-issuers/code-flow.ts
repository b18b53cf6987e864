import { createHash } from 'node:crypto'
import { accessToken, basic, randomId, WEB_CLIENT } from './issuer.js'

export const REDIRECT_URI = 'https://client.example.com/callback'

/** The session of one browser: its cookies, and no scripts. */
export interface Session {
  fetch(url: string | URL, init?: RequestInit): Promise<Response>
}

export function openSession(): Session {
  const cookies = new Map<string, string>()
  return {
    async fetch(url, init = {}) {
      const headers = new Headers(init.headers)
      headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '))
      const response = await fetch(url, { redirect: 'manual', ...init, headers })
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) cookies.delete(name)
        else cookies.set(name, value)
      }
      return response
    },
  }
}

export interface CodeFlow {
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  readonly parameters?: Readonly<Record<string, string>>
  /** Of both endpoints. */
  readonly resource?: string
  readonly client?: typeof WEB_CLIENT
  readonly redirectUri?: string
  /** Follows the user's way to the redirection URI, and returns where that is. */
  authorize(url: URL): Promise<string>
}

/** The authorization code flow with PKCE; the scopes of the answer are those of `parameters`. */
export async function codeFlow(flow: CodeFlow): Promise<string> {
  const { client = WEB_CLIENT, redirectUri = REDIRECT_URI, resource } = flow
  const named: Record<string, string> = resource === undefined ? {} : { resource }
  const verifier = randomId()
  const url = new URL(flow.authorizationEndpoint)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.id,
    redirect_uri: redirectUri,
    state: randomId(),
    nonce: randomId(),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...named,
    ...flow.parameters,
  }).toString()
  const code = new URL(await flow.authorize(url)).searchParams.get('code')
  if (code === null) throw new Error('The login ended without a code')
  const grant = { grant_type: 'authorization_code', code, redirect_uri: redirectUri }
  const authorization = basic(client.id, client.secret)
  const form = { ...grant, code_verifier: verifier, ...named }
  return accessToken(flow.tokenEndpoint, form, { authorization })
}
