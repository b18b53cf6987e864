import { freePort } from '../scripts/redis-server.js'
import { tokenForUser } from './demo/login.js'
import { AUDIENCE, startProvider } from './demo/provider.js'

/** Whom a token speaks for, and what it grants. */
export interface Grant {
  readonly user: string
  readonly scope: string
}

/**
 * The issuer that an example trusts. Yours, where `ISSUER` and `AUDIENCE` are set; else an OpenID
 * provider is started on loopback, and tokens of it are printed for the shell, by the names given.
 */
export async function trustedIssuer(
  tokens: Readonly<Record<string, Grant>>,
): Promise<{ issuer: string; audience: string }> {
  const { ISSUER: issuer, AUDIENCE: audience } = process.env
  if (issuer !== undefined && audience !== undefined) return { issuer, audience }

  const provider = await startProvider({ port: await freePort() })
  for (const [name, { user, scope }] of Object.entries(tokens)) {
    console.log(`${name}=${await tokenForUser(provider, user, scope)}`)
  }
  return { issuer: provider.issuer, audience: AUDIENCE }
}
