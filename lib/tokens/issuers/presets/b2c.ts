import type { IssuerOptions } from '../policy/options.js'
import { pathSegment, preset, type PresetOptions } from './preset.js'

export interface B2cOptions {
  /** The first part of `<name>.b2clogin.com`. */
  readonly tenantName: string
  /** The directory id, a GUID. */
  readonly tenantId: string
  /** The user flow or custom policy, like `B2C_1_signin`. */
  readonly policy: string
  /** The API's application id. */
  readonly audience: string | readonly string[]
}

/**
 * Azure AD B2C. Its metadata stands at another place than its issuer says, so both are given and
 * compared exactly. Tokens carry no id of their own: they are revoked by the hash of what was signed.
 */
export function b2c(options: PresetOptions<B2cOptions>): IssuerOptions {
  const own = ['tenantName', 'tenantId', 'policy'] as const
  return preset('b2c', own, options, ({ tenantName, tenantId, policy, audience }, check) => {
    const name = pathSegment(check, 'tenantName', tenantName)
    const flow = pathSegment(check, 'policy', policy)
    const host = `https://${name}.b2clogin.com`
    return {
      issuer: `${host}/${pathSegment(check, 'tenantId', tenantId)}/v2.0/`,
      audience,
      discoveryUrl: `${host}/${name}.onmicrosoft.com/${flow}/v2.0/.well-known/openid-configuration`,
      algorithms: ['RS256'],
      claims: { scope: 'scp' },
    }
  })
}
