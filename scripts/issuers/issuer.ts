import type { JsonWebKey } from 'node:crypto'

export const AUDIENCE = 'https://api.example.com'
export const SCOPE = 'notes:read'

/** A real authorization server on this machine. */
export interface RunningIssuer {
  readonly url: string
  /** An access token for `AUDIENCE` with `SCOPE`, by client credentials. */
  token(): Promise<string>
  /** Signs with a new key from now on. Absent where the server has no way. */
  rotate?(): Promise<void>
  /** Our private key, where the server encrypts tokens to us. */
  readonly decryptionKey?: JsonWebKey
  stop(): Promise<void>
}

/** One row of the table. */
export interface RealIssuer {
  readonly name: string
  /** Installs what it needs and starts it. Rejects with the reason where it cannot be had here. */
  start(): Promise<RunningIssuer>
}

/** Asks a token endpoint by client credentials (RFC 6749 §4.4). */
export async function clientToken(
  endpoint: string,
  parameters: Readonly<Record<string, string>>,
  credentials?: string,
): Promise<string> {
  const authorization = `Basic ${Buffer.from(credentials ?? '').toString('base64')}`
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: credentials === undefined ? {} : { authorization },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: SCOPE, ...parameters }),
  })
  const answer = (await response.json()) as { readonly access_token?: string }
  if (answer.access_token === undefined) {
    throw new Error(`${endpoint} gave no token: ${response.status} ${JSON.stringify(answer)}`)
  }
  return answer.access_token
}
