import { optionsWithin, type OptionCheck } from '../../core/options/option-check.js'
import { isRecord } from '../../core/values.js'
import type { ResponderOptions } from '../../http/guard/responder.js'
import type { TokenVerifier } from '../../http/guard/token-verifier.js'
import type { CookieOptions } from '../../http/origin/cookie-credential.js'
import { TOKEN_HEADER_NAMES, type TokenHeaderOptions } from '../../http/origin/header-credential.js'
import { WELDED_CHECK_NAMES } from '../../http/origin/welded-check.js'
import type { ThrottleOptions } from '../../http/throttle/failure-throttle.js'
import { DPOP_OPTION_NAMES } from '../../tokens/proof/dpop/dpop-options.js'
import { PROOF_OPTION_NAMES, type ProofOptions } from '../../tokens/proof/proofs.js'
import type { TokenCacheLimits } from '../../tokens/access/token-cache.js'
import {
  KNOWN_INTROSPECTION_OPTIONS,
  type IntrospectionOptions,
} from '../../tokens/introspection/asking/options.js'
import {
  ISSUER_OPTION_NAMES,
  KNOWN_ISSUER_OPTIONS,
  type IssuerFields,
} from '../../tokens/issuers/policy/options.js'
import type { Without } from '../../tokens/issuers/policy/one-key-source.js'
import type { TrustedIssuers } from '../../tokens/issuers/registry/registry.js'

/**
 * One issuer, or `issuers`: a closed list, or a resolver behind an exact `allow` predicate, or
 * `verifier`: one of your own.
 */
// In this order, TypeScript 5 explains an undefined `issuer` by `issuer`, and not by a missing `verifier`.
export type RequireBearerOptions =
  (BearerOptions & OwnVerifierOptions) | (BearerOptions & TrustedIssuers & Without<'verifier'>)

export interface OwnVerifierOptions extends Without<
  keyof IssuerFields | 'issuers' | 'introspection' | 'verifiedTokens'
> {
  /** A verifier of your own instead of `issuer`, for tokens that are no JWTs. Nothing is remembered of its answers. */
  readonly verifier: TokenVerifier
}

export interface BearerOptions extends ResponderOptions, ProofOptions {
  /**
   * Reads the token from this cookie too, where no `Authorization` header came: a name, what
   * `tokenCookie()` returned, or `{ ...tokenCookie(), trustedOrigins }`.
   *
   * Requests that a foreign page sent are refused, as by `csrfGuard`, and so are reads by foreign pages
   * that are no links to us.
   * @default header only
   */
  readonly cookie?: string | CookieOptions | undefined
  /**
   * Reads the token from this header in place of `Authorization`, which is then ignored: a proxy that
   * logs users in hands it on there.
   *
   * As a proxy adds it to whatever its users' browsers send,
   * requests of foreign pages are refused as for `cookie`. @default `Authorization`
   */
  readonly header?: TokenHeaderOptions | undefined
  /**
   * Lets a request without a token pass as anonymous. A bad token is refused all the same, and an
   * outage is 503: neither is ever taken for "no token". @default false
   */
  readonly optional?: boolean | undefined
  /**
   * Asks the issuer about opaque tokens, or about all (RFC 7662). Needs the package oauth4webapi.
   * @default off: an opaque token is refused
   */
  readonly introspection?: IntrospectionOptions | undefined
  /**
   * Bounds of the memory of verified signatures; `false` verifies every token anew. Decisions are
   * never remembered: time, your `validate` and the denylist are asked on each request.
   * @default 10,000 entries, 48 MiB
   */
  readonly verifiedTokens?:
    | { readonly maxEntries?: number | undefined; readonly maxBytes?: number | undefined }
    | false
    | undefined
  /**
   * The longest token that is read, in characters, 1024 to 131072; a longer one is 400. Above some
   * 15,000 Node's own `maxHeaderSize` must be raised as well. @default 12288
   */
  readonly maxTokenChars?: number | undefined
  /**
   * Answers bad tokens by 429 once their network has sent too many. Good tokens of it still pass,
   * and expired ones do not count. Behind a proxy, set Express's `trust proxy`.
   *
   * No key is fetched, no issuer resolved and nothing decrypted for a network that is held back.
   * Processes share the counts through `redis`.
   * @default off
   */
  readonly throttle?: ThrottleOptions | undefined
}

const BEARER_OPTION_NAMES: readonly (keyof BearerOptions)[] = [
  'cookie',
  'header',
  'introspection',
  'optional',
  'verifiedTokens',
  'maxTokenChars',
  'throttle',
  'realm',
  'errorFormat',
  'clock',
  'onEvent',
  'advice',
  'onRefuse',
]

/** All that may be given, nested names included: an option at the wrong level gets the right path as a guess. */
export const KNOWN_BEARER_OPTIONS: readonly string[] = [
  ...KNOWN_ISSUER_OPTIONS,
  'issuers',
  'verifier',
  ...BEARER_OPTION_NAMES,
  ...KNOWN_INTROSPECTION_OPTIONS,
  ...PROOF_OPTION_NAMES,
  ...optionsWithin('dpop', DPOP_OPTION_NAMES),
  ...optionsWithin('cookie', WELDED_CHECK_NAMES),
  ...optionsWithin('header', TOKEN_HEADER_NAMES),
]

/** Checks the app's own verifier, and that nothing stands beside it which only an issuer has. */
export function ownVerifier(check: OptionCheck, options: OwnVerifierOptions): TokenVerifier {
  const verifier: unknown = options.verifier
  if (!isVerifier(verifier)) {
    return check.refuse('verifier', 'have a function verify(token, head)', verifier)
  }
  const others = [...ISSUER_OPTION_NAMES, 'issuers', 'verifiedTokens', 'introspection']
  const stray = Object.entries(options).find(
    ([name, value]) => others.includes(name) && value !== undefined,
  )
  if (stray !== undefined) {
    check.refuse(stray[0], 'be left out beside "verifier", which judges tokens itself', stray[1])
  }
  return verifier
}

function isVerifier(value: unknown): value is TokenVerifier {
  return isRecord(value) && typeof value['verify'] === 'function'
}

export function cacheLimits(
  check: OptionCheck,
  option: BearerOptions['verifiedTokens'],
): TokenCacheLimits | undefined {
  if (option === false) return undefined
  const limits = option ?? {}
  check.known(limits, ['maxEntries', 'maxBytes'], { within: 'verifiedTokens' })
  const number = (name: 'maxEntries' | 'maxBytes', fallback: number, max: number): number =>
    check.number(`verifiedTokens.${name}`, limits[name], { fallback, min: 1, max, integer: true })
  return {
    maxEntries: number('maxEntries', 10_000, 1_000_000),
    maxBytes: number('maxBytes', 50_331_648, 2_147_483_648),
  }
}
