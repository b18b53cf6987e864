import { freePort } from '../lib/testing/free-port.js'
import { logIn, type UserSession } from './demo/login.js'
import { AUDIENCE, startProvider, type DemoProvider } from './demo/provider.js'

/** Whom a token speaks for, and what it grants. */
export interface Grant {
  readonly user: string
  readonly scope: string
  /** What else the issuer says of the user. */
  readonly claims?: Readonly<Record<string, unknown>>
}

export interface TrustedIssuer {
  readonly issuer: string
  readonly audience: string
  /** What a user does who logs out at the issuer, in the session of the token of this name. */
  readonly logOutAtIssuer: (name: string) => Promise<void>
  /** Ends the provider that was started, so that the process may end. */
  readonly closeIssuer: () => Promise<void>
}

/**
 * The issuer that an example trusts. Yours, where `ISSUER` and `AUDIENCE` are set; else an OpenID
 * provider is started on loopback, and tokens of it are printed for the shell, by the names given.
 *
 * @param logoutUri Where the provider tells of logouts.
 * @param resource The API that tokens are for, where it is not `AUDIENCE`.
 */
export async function trustedIssuer(
  tokens: Readonly<Record<string, Grant>>,
  { logoutUri, resource }: { readonly logoutUri?: string; readonly resource?: string } = {},
): Promise<TrustedIssuer> {
  const { ISSUER: issuer, AUDIENCE: audience } = process.env
  const sessions = new Map<string, UserSession>()
  async function logOutAtIssuer(name: string): Promise<void> {
    await sessions.get(name)?.logOutAtIssuer()
  }
  const closeIssuer = async (): Promise<void> => provider?.close()
  let provider: DemoProvider | undefined
  if (issuer !== undefined && audience !== undefined) {
    return { issuer, audience, logOutAtIssuer, closeIssuer }
  }

  let claims: Grant['claims'] = {}
  provider = await startProvider({
    port: await freePort(),
    resource,
    claimsOf: () => claims ?? {},
  })
  if (logoutUri !== undefined) provider.registerLogoutUri(logoutUri)
  for (const [name, grant] of Object.entries(tokens)) {
    claims = grant.claims
    const session = await logIn(provider, grant.user, grant.scope, resource)
    sessions.set(name, session)
    console.log(`${name}=${session.token}`)
  }
  return {
    issuer: provider.issuer,
    audience: resource ?? AUDIENCE,
    logOutAtIssuer,
    closeIssuer,
  }
}
