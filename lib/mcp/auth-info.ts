import type { IncomingMessage } from 'node:http'
import type { Auth } from '../core/auth/auth.js'

/**
 * What a verified token means, as this package says it and as the SDK does: it is an `Auth`, and it is
 * an `AuthInfo`. Handlers find it in `req.auth`, tools in `ctx.http.authInfo`.
 */
export interface McpAuth extends Auth {
  /** Empty, unless `exposeToken`: a server must not hand it on (MCP, Access Token Privilege Restriction). */
  readonly token: string
  /** Empty where the token names no client. */
  readonly clientId: string
  /** With all that they imply. A set, and a list as well. */
  readonly scopes: string[] & ReadonlySet<string>
  /** This server, as the token was accepted for it. */
  readonly resource: URL
  /** Where the metadata are, for challenges that tools make. */
  readonly resourceMetadataUrl?: string
  /** The `Auth` itself, where the type of the SDK is in the way. */
  readonly extra: { readonly [name in keyof Auth]: Auth[name] }
}

/** A list that can be asked as a set can. */
function scopeView(scopes: ReadonlySet<string>): McpAuth['scopes']
function scopeView(scopes: ReadonlySet<string>): string[] {
  const list = [...scopes]
  Object.defineProperties(list, {
    size: { value: list.length },
    has: { value: (scope: string) => scopes.has(scope) },
    // Those of a set: functions over sets ask for them.
    keys: { value: () => scopes.keys() },
  })
  Object.freeze(list)
  return list
}

export interface McpResource {
  readonly resource: string
  readonly resourceMetadataUrl?: string
}

export function toMcpAuth(
  auth: Auth,
  { resource, ...metadata }: McpResource,
  token: string,
): McpAuth {
  return Object.freeze({
    ...auth,
    token,
    clientId: auth.clientId ?? '',
    scopes: scopeView(auth.scopes),
    resource: new URL(resource),
    ...metadata,
    extra: { ...auth },
  })
}

/**
 * Of a request whose token was verified.
 *
 * @param name The header that it was in: beside another one, `Authorization` was never looked at.
 */
export function tokenIn({ headers }: IncomingMessage, name = 'authorization'): string {
  const value = headers[name.toLowerCase()]
  return typeof value === 'string' ? (/(?:^| )([^ ]+)$/.exec(value)?.[1] ?? '') : ''
}
