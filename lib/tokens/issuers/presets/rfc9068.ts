import type { IssuerOptions } from '../policy/options.js'
import { preset, type PresetOptions } from './preset.js'

export interface Rfc9068Options {
  /** The issuer's identifier, as in `iss`. */
  readonly issuer: string
  /** Names of this API, one of which must be in `aud`. */
  readonly audience: string | readonly string[]
}

/** Any issuer that keeps to the JWT profile for access tokens (RFC 9068), and nothing less. */
export function rfc9068(options: PresetOptions<Rfc9068Options>): IssuerOptions {
  return preset('rfc9068', [], options, ({ issuer, audience }) => ({
    issuer,
    audience,
    profile: 'rfc9068',
    claims: { roles: ['roles', 'groups', 'entitlements'] },
  }))
}
