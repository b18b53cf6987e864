import { optionalPeer } from '../browser/optional-peer.js'
import { optionCheck } from '../core/options/option-check.js'
import { AuthError } from '../core/verdicts/errors.js'
import {
  createVerifier,
  type Verifier,
  type VerifierRules,
  type VerifierOptions,
} from '../guards/create-verifier.js'
import { refuseRevoked } from '../revocation/asking/refuse-revoked.js'
import { requireChecker } from '../revocation/asking/store-option.js'
import type { RevocationChecker } from '../revocation/store.js'
import type { OneKeySource } from '../tokens/issuers/policy/one-key-source.js'
import type { IssuerFields } from '../tokens/issuers/policy/options.js'
import { toMcpAuth, type McpAuth } from './auth-info.js'
import { tokenOptions } from './options.js'

export interface McpVerifierExtras {
  /** The identifier of the server, which `AuthInfo.resource` then says. It may differ from `audience`. */
  readonly resource: string
  /** Where revoked tokens are looked up, on each request. @default none are revoked */
  readonly revocations?: RevocationChecker | undefined
  /** Leaves the raw token in the `AuthInfo`. @default false */
  readonly exposeToken?: boolean | undefined
}

/** Those of `createVerifier`; `audience` is `resource` unless it is given. */
export type McpVerifierOptions = McpVerifierExtras &
  (
    | VerifierOptions
    | (VerifierRules &
        Omit<IssuerFields, 'audience'> &
        OneKeySource & { readonly audience?: IssuerFields['audience'] | undefined })
  )

/** An `OAuthTokenVerifier` of the SDK. */
export interface McpVerifier extends Pick<Verifier, 'ready' | 'status' | 'close'> {
  verifyAccessToken(token: string): Promise<McpAuth>
}

const OWN_NAMES: readonly string[] = [
  'resource',
  'revocations',
  'exposeToken',
] satisfies readonly (keyof McpVerifierExtras)[]

/**
 * For `requireBearerAuth` of the SDK, in Express and in hosts of fetch: verifies tokens as `protectMcp`
 * does. A fault of the token rejects with the SDK's `OAuthError`, which it answers by 401. Where we
 * cannot know, it rejects with our `AuthError`, which the SDK answers by 500, and `mcpBearerAuth` by 503.
 * Scopes of tools and proofs of possession are for `protectMcp` alone.
 *
 * Needs the package @modelcontextprotocol/server.
 *
 * @example
 * const verifier = mcpVerifier({ resource: 'https://api.example.com/mcp', issuer: 'https://id.example.com' })
 * app.use('/mcp', mcpBearerAuth(requireBearerAuth, { verifier, resourceMetadataUrl }))
 *
 * @throws TypeError at construction, for an unknown, missing or contradictory option.
 */
export function mcpVerifier(options: McpVerifierOptions): McpVerifier {
  const check = optionCheck('mcpVerifier')
  const { resource, revocations, exposeToken } = options
  if (!URL.canParse(check.string('resource', resource)))
    check.refuse('resource', 'be a URL', resource)
  if (revocations !== undefined) requireChecker(check, revocations)
  const exposes = check.boolean('exposeToken', exposeToken, false)
  const verifier = createVerifier(tokenOptions(options, OWN_NAMES))
  const sdk = optionalPeer(
    'mcpVerifier',
    '@modelcontextprotocol/server',
    import('@modelcontextprotocol/server'),
  )

  return {
    async verifyAccessToken(token) {
      const { OAuthError } = await sdk
      try {
        const auth = await verifier.verify(token)
        if (revocations !== undefined) await refuseRevoked(revocations, auth)
        return toMcpAuth(auth, { resource }, exposes ? token : '')
      } catch (error) {
        if (!(error instanceof AuthError) || error.family === 'dependency') throw error
        throw new OAuthError('invalid_token', error.message)
      }
    },
    ready: () => verifier.ready(),
    status: () => verifier.status(),
    close: () => verifier.close(),
  }
}
