import { pickDefined, type OptionCheck } from '../core/options/option-check.js'
import type { ProtectedResourceMetadataOptions } from '../endpoints/resource-metadata.js'
import {
  KNOWN_BEARER_OPTIONS,
  type BearerOptions,
  type OwnVerifierOptions,
} from '../guards/bearer/options.js'
import { requireChecker } from '../revocation/asking/store-option.js'
import type { RevocationChecker } from '../revocation/store.js'
import type { OneKeySource, Without } from '../tokens/issuers/policy/one-key-source.js'
import type { IssuerFields } from '../tokens/issuers/policy/options.js'
import type { TrustedIssuers } from '../tokens/issuers/registry/registry.js'
import type { McpRuleOptions } from './scope-rules.js'

/** What is told of the server in its metadata. */
export type McpMetadataOptions = Pick<
  ProtectedResourceMetadataOptions,
  'resource' | 'name' | 'documentation' | 'policyUri' | 'tosUri' | 'authorizationServers' | 'root'
>

export interface McpOptions extends McpMetadataOptions, McpRuleOptions {
  /** Where revoked tokens are looked up, on each request. @default none are revoked */
  readonly revocations?: RevocationChecker | undefined
  /** Leaves the raw token in `req.auth`, for what must have it. @default false */
  readonly exposeToken?: boolean | undefined
}

/** An issuer whose tokens are for `resource`, unless `audience` says otherwise. */
export type McpIssuer = Omit<IssuerFields, 'audience'> &
  OneKeySource & { readonly audience?: IssuerFields['audience'] }

/**
 * Those of `requireBearer`, but for `optional` and `cookie`: each request carries its own token, in its
 * header (MCP, Access Token Usage).
 */
export type ProtectMcpOptions = McpOptions &
  Omit<BearerOptions, 'optional' | 'cookie'> & {
    readonly optional?: never
    readonly cookie?: never
  } & (((TrustedIssuers | McpIssuer) & Without<'verifier'>) | OwnVerifierOptions)

const METADATA_NAMES = [
  'resource',
  'name',
  'documentation',
  'policyUri',
  'tosUri',
  'authorizationServers',
  'root',
] as const satisfies readonly (keyof McpMetadataOptions)[]

export const OWN_NAMES: readonly string[] = [
  ...METADATA_NAMES,
  'scopes',
  'tools',
  'resources',
  'prompts',
  'revocations',
  'exposeToken',
] satisfies readonly (keyof McpOptions)[]

const KNOWN = [
  ...OWN_NAMES,
  ...KNOWN_BEARER_OPTIONS.filter(
    (name) => name !== 'optional' && name !== 'cookie' && !name.startsWith('cookie.'),
  ),
]

/** What `protectedResourceMetadata` gets of them. */
export function metadataOptions(
  check: OptionCheck,
  options: ProtectMcpOptions,
): McpMetadataOptions {
  check.known(options, KNOWN)
  if (options.revocations !== undefined) requireChecker(check, options.revocations)
  const resource = check.string('resource', options.resource)
  if (!URL.canParse(resource)) check.refuse('resource', 'be a URL', resource)
  return { ...pickDefined(options, METADATA_NAMES), resource }
}

/**
 * What `requireBearer` or `createVerifier` gets of them, and checks. Tokens are for the resource, unless
 * `audience` says otherwise; scheme and host may be spelt in capitals (MCP, Canonical Server URI). Proofs are for its
 * origin.
 *
 * @param ownNames Those that are not for them.
 */
export function tokenOptions(
  options: McpAudience,
  ownNames: readonly string[],
): BearerOptions & TrustedIssuers
export function tokenOptions(options: McpAudience, ownNames: readonly string[]): object {
  const { resource, issuer, audience, dpop, origin } = options
  return {
    ...(issuer === undefined ? {} : { audienceMatch: 'uri' }),
    ...Object.fromEntries(Object.entries(options).filter(([name]) => !ownNames.includes(name))),
    ...(issuer !== undefined && audience === undefined ? { audience: resource } : {}),
    ...(dpop !== undefined && origin === undefined ? { origin: new URL(resource).origin } : {}),
  }
}

interface McpAudience {
  readonly resource: string
  readonly issuer?: unknown
  readonly audience?: unknown
  readonly dpop?: unknown
  readonly origin?: unknown
}
