import { randomBytes } from 'node:crypto'
import type { IntrospectionOptions, IssuerFields } from '../../lib/index.js'
import type { ClientCertificate } from '../client-certificates.js'
import type { DpopClient } from '../dpop-client.js'

export const AUDIENCE = 'https://api.example.com'
export const SCOPE = 'notes:read'
/** Whose logout tokens come to this machine. */
export const WEB_CLIENT = { id: 'web', secret: 'web-secret-0123456789' }

/** What `requireBearer` is told of a server, besides its address and our audience. */
export type IssuerSettings = Partial<Omit<IssuerFields, 'issuer' | 'audience'>>

/** How this API asks the server about tokens. */
export type Asking = Omit<IntrospectionOptions, 'for' | 'cacheSeconds'>

/** A user who has logged in, with a session at the server. */
export interface LoggedIn {
  readonly accessToken: string
  /** Ends the session at the server. */
  readonly logOut: () => Promise<void>
}

/** A real authorization server on this machine. What one has not, it leaves out. */
export interface RunningIssuer {
  readonly url: string
  readonly settings?: IssuerSettings
  /** @default AUDIENCE */
  readonly audience?: string
  /** Whether its tokens name scopes. @default true */
  readonly scope?: boolean
  /** A JWT for `AUDIENCE` with `SCOPE`, by client credentials or whatever else it has. */
  readonly token?: () => Promise<string>
  /** Signs with a new key from now on. */
  readonly rotate?: () => Promise<void>
  /** The same, opaque. */
  readonly opaqueToken?: () => Promise<string>
  /** What differs for it, where an answer about it names no audience. */
  readonly opaqueSettings?: Partial<IssuerFields>
  readonly asking?: Asking
  /** Ends a JWT or an opaque token there (RFC 7009). */
  readonly revoke?: (token: string) => Promise<void>
  /** A token that is bound to the key of this client. */
  readonly dpopToken?: (client: DpopClient) => Promise<string>
  /** A token that is bound to the certificate of a client. */
  readonly certificateToken?: (certificate: ClientCertificate) => Promise<string>
  /** Logs a user in by code and PKCE; `acr` is asked for by `acr_values`. */
  readonly logIn?: (acr?: string) => Promise<LoggedIn>
  /** How logout tokens are judged, besides their issuer. */
  readonly logout?: {
    /** @default that of `WEB_CLIENT` */
    readonly clientId?: string
    readonly algorithms?: readonly string[]
    readonly allowMissingExp?: boolean
    readonly endBy?: 'session' | 'subject'
  }
  readonly stop: () => Promise<void>
}

/** One row of the table. */
export interface RealIssuer {
  readonly name: string
  /** Why it has not what a column asks for; of others there must be something to ask. */
  readonly lacks: Readonly<Record<string, string>>
  /** The columns it is run for. @default all: a variant of a row needs few */
  readonly columns?: readonly string[]
  /**
   * Installs what it needs and starts it. Rejects with the reason where it cannot be had here.
   *
   * @param logoutUri Where it sends logout tokens for `WEB_CLIENT`.
   */
  readonly start: (logoutUri: string) => Promise<RunningIssuer>
}

/** `Authorization` of a client with a secret. */
export function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
}

/** Posts a form to an endpoint of OAuth. Rejects with its answer where that is an error. */
export async function post(
  endpoint: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  const body = new URLSearchParams(form)
  const response = await fetch(endpoint, { method: 'POST', headers, body })
  const text = await response.text()
  if (!response.ok) throw new Error(`${endpoint}: ${response.status} ${text.slice(0, 300)}`)
  return text === '' ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>)
}

/** Asks a token endpoint. */
export async function accessToken(
  endpoint: string,
  form: Readonly<Record<string, string>>,
  headers?: Readonly<Record<string, string>>,
): Promise<string> {
  const { access_token: token } = await post(endpoint, form, headers)
  if (typeof token !== 'string') throw new Error(`${endpoint} gave no token`)
  return token
}

/** The same by client credentials (RFC 6749 §4.4). */
export function clientToken(
  endpoint: string,
  form: Readonly<Record<string, string>>,
  headers?: Readonly<Record<string, string>>,
): Promise<string> {
  const all = { grant_type: 'client_credentials', scope: SCOPE, ...form }
  return accessToken(endpoint, all, headers)
}

/** A proof for a token endpoint, where no token is there to be named yet (RFC 9449 §5). */
export function proofFor(client: DpopClient, endpoint: string): Promise<string> {
  return client.proof('', { claims: { htm: 'POST', htu: endpoint, ath: undefined } })
}

/** Long enough for a verifier (RFC 7636 §4.1). */
export function randomId(): string {
  return randomBytes(32).toString('base64url')
}
