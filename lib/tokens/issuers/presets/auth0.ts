import type { IssuerOptions } from '../options.js'
import { hostName, preset, type PresetOptions } from './preset.js'

export interface Auth0Options {
  /** The tenant's domain, or your custom domain: `tenant.eu.auth0.com`. */
  readonly domain: string
  /** The API's identifier in the dashboard. */
  readonly audience: string | readonly string[]
}

/**
 * Auth0, both token dialects. The issuer ends with a slash. Tokens of the default dialect have no
 * `jti`: they are revoked by the hash of what was signed. A client that asks for no audience gets
 * an opaque token, which no API can verify.
 */
export function auth0(options: PresetOptions<Auth0Options>): IssuerOptions {
  return preset('auth0', ['domain', 'audience'], options, ({ domain, audience }, check) => ({
    issuer: `https://${hostName(check, 'domain', domain)}/`,
    audience,
    claims: { permissions: 'permissions' },
  }))
}
