import type { IssuerOptions } from '../policy/options.js'
import { pathSegment, preset, type PresetOptions, type ProductMistakes } from './preset.js'

/** The header member that marks a token whose signature nobody but Microsoft Graph can verify. */
export const GRAPH_HEADER: readonly [string, string] = [
  'nonce',
  'A "nonce" in the header is the mark of a token for Microsoft Graph, which no other API can verify: let the client ask for a scope of this API',
]

/** For `doctor`. */
export const ENTRA_MISTAKES: ProductMistakes = {
  issuer:
    /^https:\/\/(?:login(?:\.partner)?\.microsoftonline\.(?:com|us|cn)|sts\.(?:windows\.net|chinacloudapi\.cn))\//,
  fixes: {
    wrong_audience:
      'Entra: version 2 tokens carry the application id (a GUID), version 1 tokens the App ID URI (api://...): list both. 00000003-0000-0000-c000-000000000000 is Microsoft Graph: let the client ask for a scope of this API.',
    unknown_issuer:
      'Entra: version 1 tokens come from sts.windows.net. Use the preset entra(), or set requestedAccessTokenVersion to 2.',
    bad_signature:
      'Entra: a token for Microsoft Graph verifies nowhere else. Let the client ask for a scope of this API: api://.../.default.',
  },
}

export interface EntraOptions {
  /** Directory (tenant) ids whose users may call: GUIDs, never `common`. */
  readonly tenantIds: string | readonly string[]
  /** The API's application id, its App ID URI, or both: version 1 tokens carry the latter. */
  readonly audience: string | readonly string[]
  /** A sovereign cloud, whose tenants have hosts of their own. @default the global one */
  readonly cloud?: keyof typeof SOVEREIGN | undefined
}

const GLOBAL = { host: 'https://login.microsoftonline.com', first: 'https://sts.windows.net' }

/** Hosts of the issuers of token version 2, and of version 1. */
const SOVEREIGN = {
  'us-government': { host: 'https://login.microsoftonline.us', first: 'https://sts.windows.net' },
  china: {
    host: 'https://login.partner.microsoftonline.cn',
    first: 'https://sts.chinacloudapi.cn',
  },
} as const

/**
 * Microsoft Entra ID, token versions 1 and 2: which one a client gets is decided by the API's
 * manifest. Tokens have `uti` instead of `jti`. `scp` is for users and `roles` for applications;
 * the two are not mixed. Revocations name a tenant by its version 2 issuer, for both versions. Tokens of clients with continuous access evaluation live up to 28 hours: set the
 * store's `maxTokenLifetimeSeconds` to 100800.
 */
export function entra(options: PresetOptions<EntraOptions>): IssuerOptions {
  const own = ['tenantIds', 'cloud'] as const
  return preset('entra', own, options, ({ tenantIds, audience, cloud }, check) => {
    const clouds = ['us-government', 'china'] as const
    if (cloud !== undefined) check.oneOf('cloud', cloud, clouds, cloud)
    const { host, first } = cloud === undefined ? GLOBAL : SOVEREIGN[cloud]
    const tenants = check
      .strings('tenantIds', tenantIds)
      // Portals show them in capitals too; tokens spell them in lower case.
      .map((tenant) => pathSegment(check, 'tenantIds', tenant).toLowerCase())
    const shared = tenants.find((tenant) => !/^[0-9a-f-]{36}$/.test(tenant))
    if (shared !== undefined) {
      check.refuse('tenantIds', 'be directory ids (GUIDs): name each tenant', shared)
    }
    const [only = ''] = tenants
    const keysOf = tenants.length === 1 ? only : 'common'
    return {
      // The two versions of a tenant are one issuer; two tenants never are.
      issuer: tenants.map((tenant) => [`${host}/${tenant}/v2.0`, `${first}/${tenant}/`]),
      audience,
      jwksUri: `${host}/${keysOf}/discovery/v2.0/keys`,
      algorithms: ['RS256'],
      claims: { tokenId: 'uti', clientId: ['azp', 'appid'], scope: 'scp' },
    }
  })
}
