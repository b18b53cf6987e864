import type { IssuerOptions } from '../policy/options.js'
import { preset, type PresetOptions, type ProductMistakes } from './preset.js'

/** For `doctor`. */
export const HYDRA_MISTAKES: ProductMistakes = {
  issuer: /\.projects\.oryapis\.com\/?$|\bhydra\b/,
  fixes: {
    malformed_token: 'Hydra: set strategies.access_token to jwt; the default is opaque.',
    wrong_audience:
      'Hydra: allow the audience at the client, and let it request it; else "aud" is empty.',
  },
}

export interface HydraOptions {
  /** The issuer's identifier, as in `iss`. */
  readonly issuer: string
  /** Names of this API, one of which must be in `aud`. */
  readonly audience: string | readonly string[]
}

/**
 * Ory Hydra with the JWT strategy for access tokens: the default strategy issues opaque ones. A
 * client that asks for no audience gets a token with an empty `aud`, which is refused.
 */
export function hydra(options: PresetOptions<HydraOptions>): IssuerOptions {
  return preset('hydra', [], options, ({ issuer, audience }) => ({
    issuer,
    audience,
    claims: { clientId: 'client_id', roles: ['roles', 'ext.roles'] },
  }))
}
