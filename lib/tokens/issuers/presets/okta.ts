import type { IssuerOptions } from '../policy/options.js'
import {
  hostName,
  pathSegment,
  preset,
  type PresetOptions,
  type ProductMistakes,
} from './preset.js'

/** For `doctor`. */
export const OKTA_MISTAKES: ProductMistakes = {
  issuer: /\.okta(?:preview|-emea)?\.com(?:\/|$)/,
  fixes: {
    wrong_audience:
      'Okta: the audience is a setting of the authorization server, such as api://default.',
    unknown_issuer:
      'Okta: ask a custom authorization server for tokens, https://.../oauth2/default; those of the organisation are for Okta alone.',
    unknown_key:
      'Okta: ask a custom authorization server for tokens; keys of the organisation are not published for APIs.',
    bad_signature:
      'Okta: ask a custom authorization server for tokens, and not that of the organisation.',
  },
}

export interface OktaOptions {
  /** The organisation's domain, or your custom domain: `example.okta.com`. */
  readonly domain: string
  /** Id of a custom authorization server. @default 'default' */
  readonly authorizationServerId?: string | undefined
  /** The audience of that server. @default 'api://default' */
  readonly audience?: string | readonly string[] | undefined
}

/**
 * Okta with a custom authorization server. Tokens of the organisation's own server are not for your
 * API: their keys are not published. `sub` is the login, which can change: key users on `claims.uid`.
 */
export function okta(options: PresetOptions<OktaOptions>): IssuerOptions {
  const own = ['domain', 'authorizationServerId'] as const
  return preset('okta', own, options, (given, check) => {
    const { domain, authorizationServerId = 'default', audience = 'api://default' } = given
    const server = pathSegment(check, 'authorizationServerId', authorizationServerId)
    return {
      issuer: `https://${hostName(check, 'domain', domain)}/oauth2/${server}`,
      audience,
      algorithms: ['RS256'],
      claims: { clientId: 'cid', scope: 'scp', roles: 'groups' },
    }
  })
}
