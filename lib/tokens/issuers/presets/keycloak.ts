import type { IssuerOptions } from '../policy/options.js'
import {
  pathSegment,
  preset,
  type KindClaim,
  type PresetOptions,
  type ProductMistakes,
} from './preset.js'

/** Keycloak says in the claim `typ` what a token is. */
export const KEYCLOAK_KINDS: KindClaim = {
  claim: 'typ',
  access: ['Bearer', 'DPoP'],
  id: ['ID'],
  others: ['Refresh', 'Offline', 'Logout'],
}

/** Its `aud` where no mapper of the client names an API. */
export const KEYCLOAK_DEFAULT_AUDIENCE: readonly [string, string] = [
  'account',
  'Keycloak puts an API in "aud" only by an audience mapper of the client',
]

/** For `doctor`. */
export const KEYCLOAK_MISTAKES: ProductMistakes = {
  issuer: /\/realms\/[^/]+$/,
  fixes: {
    wrong_audience:
      'Keycloak: add an audience mapper for this API to a client scope of the client.',
    unknown_issuer:
      'Keycloak: "iss" is the address by which the token was asked for. Set KC_HOSTNAME, so that it is the same inside and outside.',
    not_an_access_token:
      'Keycloak: send the access_token of the token response, not its ID or refresh token.',
  },
}

export interface KeycloakOptions {
  /** Where Keycloak is reached by browsers: `https://id.example.com`, without `/realms/...`. */
  readonly baseUrl: string
  /** The realm whose tokens are accepted. */
  readonly realm: string
  /** The API's client id. Add an audience mapper to its client scope: without one, `aud` is `account`. */
  readonly audience: string | readonly string[]
}

/**
 * Keycloak. Roles are those of the realm and of the clients named in `audience`. Tokens carry `sid`
 * and `jti`, so a logout at Keycloak can end them at once (back-channel logout). A realm that is reached
 * under an inner name too: give both as `issuer`, with `jwksUri`.
 */
export function keycloak(options: PresetOptions<KeycloakOptions>): IssuerOptions {
  const own = ['baseUrl', 'realm'] as const
  return preset('keycloak', own, options, ({ baseUrl, realm, audience }, check) => {
    const base = check.string('baseUrl', baseUrl)
    if (!URL.canParse(base) || base.endsWith('/') || base.includes('/realms/')) {
      check.refuse('baseUrl', 'be like https://id.example.com, without final slash and realm', base)
    }
    const clients = check.strings('audience', audience)
    return {
      issuer: `${base}/realms/${pathSegment(check, 'realm', realm)}`,
      audience,
      claims: {
        roles: [
          'realm_access.roles',
          ...clients.map((client) => `resource_access.${client}.roles`),
        ],
      },
    }
  })
}
