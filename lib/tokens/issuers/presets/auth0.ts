import type { IssuerOptions } from '../policy/options.js'
import { hostName, preset, type PresetOptions, type ProductMistakes } from './preset.js'

/** For `doctor`. */
export const AUTH0_MISTAKES: ProductMistakes = {
  issuer: /\.auth0\.com\/?$/,
  fixes: {
    malformed_token:
      'Auth0: let the client send "audience", the identifier of this API; without it, tokens are opaque.',
    encrypted_token:
      'Auth0: let the client send "audience", the identifier of this API; without it, tokens are for Auth0 alone.',
    wrong_audience: 'Auth0: let the client send "audience", the identifier of this API.',
    unknown_issuer:
      'Auth0: the issuer ends with a slash, and is the custom domain where there is one.',
    algorithm_not_allowed: 'Auth0: set the signing algorithm of the API to RS256.',
  },
}

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
  return preset('auth0', ['domain'], options, ({ domain, audience }, check) => ({
    issuer: `https://${hostName(check, 'domain', domain)}/`,
    audience,
    claims: { permissions: 'permissions' },
  }))
}
