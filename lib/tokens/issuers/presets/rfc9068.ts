import type { IssuerOptions } from '../policy/options.js'
import { preset, type PresetOptions } from './preset.js'

export interface Rfc9068Options {
  readonly issuer: string
  readonly audience: string | readonly string[]
}

/** Any issuer that keeps to the JWT profile for access tokens (RFC 9068), and nothing less. */
export function rfc9068(options: PresetOptions<Rfc9068Options>): IssuerOptions {
  return preset('rfc9068', ['issuer', 'audience'], options, ({ issuer, audience }) => ({
    issuer,
    audience,
    profile: 'rfc9068',
    claims: { roles: ['roles', 'groups', 'entitlements'] },
  }))
}
