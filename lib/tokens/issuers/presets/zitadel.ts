import type { IssuerOptions } from '../policy/options.js'
import { hostName, preset, type PresetOptions, type ProductMistakes } from './preset.js'

/** For `doctor`. */
export const ZITADEL_MISTAKES: ProductMistakes = {
  issuer: /\.zitadel\.(?:cloud|app)$/,
  fixes: {
    malformed_token:
      'ZITADEL: set the token type of the application to JWT; the default is opaque.',
    wrong_audience: 'ZITADEL: request the scope urn:zitadel:iam:org:project:id:<project>:aud.',
  },
}

export interface ZitadelOptions {
  /** The instance's domain: `example.zitadel.cloud`. */
  readonly domain: string
  /** The project of the API: `aud` holds it. */
  readonly projectId: string
  /** Applications whose tokens are accepted: `aud` lists all those of the project. @default any */
  readonly clientIds?: string | readonly string[] | undefined
}

/**
 * ZITADEL with JWT access tokens, a setting of the application: the default is opaque. Tokens carry
 * no scopes; guard routes with `requireRole`. Role names are the keys of an object.
 */
export function zitadel(options: PresetOptions<ZitadelOptions>): IssuerOptions {
  const own = ['domain', 'projectId', 'clientIds'] as const
  return preset('zitadel', own, options, ({ domain, projectId, clientIds }, check) => ({
    issuer: `https://${hostName(check, 'domain', domain)}`,
    audience: check.string('projectId', projectId),
    ...(clientIds === undefined ? {} : { clientId: clientIds }),
    claims: { roles: 'urn:zitadel:iam:org:project:roles' },
  }))
}
