import type { AuthErrorReason } from '../../../core/verdicts/reasons.js'
import { optionCheck, pickDefined, type OptionCheck } from '../../../core/options/option-check.js'
import { CLAIM_OPTION_NAMES, type ClaimOptions } from '../policy/claim-options.js'
import type { OneKeySource } from '../policy/one-key-source.js'
import {
  ISSUER_OPTION_NAMES,
  KNOWN_ISSUER_OPTIONS,
  type IssuerFields,
  type IssuerOptions,
} from '../policy/options.js'

const KEY_SOURCES: readonly (keyof IssuerFields)[] = ['discoveryUrl', 'jwksUri', 'jwks', 'secret']

/** A claim by which a product says what kind of token it is, beside or without a `typ` in the header. */
export interface KindClaim {
  readonly claim: string
  /** Its values in an access token. */
  readonly access: readonly string[]
  /** In an ID token. */
  readonly id: readonly string[]
  /** In tokens of other kinds, none of which an API takes. */
  readonly others: readonly string[]
}

/** How users of a product end in a refusal, told by what they must change at the product. */
export interface ProductMistakes {
  /** Fits names of its issuers. */
  readonly issuer: RegExp
  readonly fixes: Readonly<Partial<Record<AuthErrorReason, string>>>
}

/** What a preset takes: its product's own words, and any issuer option to override what it sets. */
export type PresetOptions<Own extends object> = Own &
  Partial<Omit<IssuerFields, keyof Own>> &
  OneKeySource

/**
 * Makes `IssuerOptions` of a preset: `settings` reads the product's own options, and whatever issuer
 * options the caller gave win over it.
 *
 * @param own Names of options that no issuer has.
 * @throws TypeError for an unknown option, or one that `settings` refuses.
 */
export function preset<Own extends object>(
  name: string,
  own: readonly Exclude<keyof Own & string, keyof IssuerOptions>[],
  options: PresetOptions<Own>,
  settings: (options: PresetOptions<Own>, check: OptionCheck) => IssuerFields,
): IssuerOptions
export function preset<Own extends object>(
  name: string,
  own: readonly (keyof Own & string)[],
  options: PresetOptions<Own>,
  settings: (options: PresetOptions<Own>, check: OptionCheck) => IssuerFields,
): IssuerFields {
  const check = optionCheck(name)
  check.known(options, [...own, ...KNOWN_ISSUER_OPTIONS])
  const { discoveryUrl, jwksUri, claims, ...base } = settings(options, check)
  const given = pickDefined<Partial<IssuerFields>>(options, ISSUER_OPTION_NAMES)
  // Keys of the caller's own replace the place where the product keeps them.
  const located = KEY_SOURCES.some((key) => key in given)
    ? {}
    : pickDefined({ discoveryUrl, jwksUri }, ['discoveryUrl', 'jwksUri'])
  return {
    ...base,
    ...located,
    ...given,
    ...(claims && { claims: claimsOver(check, claims, given.claims) }),
  }
}

/** Claim by claim: other roles than the product's leave its scopes where they are. */
function claimsOver(
  check: OptionCheck,
  product: ClaimOptions,
  given: ClaimOptions | undefined,
): ClaimOptions {
  if (given === undefined) return product
  check.known(given, CLAIM_OPTION_NAMES, { within: 'claims' })
  return { ...product, ...pickDefined(given, CLAIM_OPTION_NAMES) }
}

/** A host name as consoles show it, without `https://` and without a path. */
export function hostName(check: OptionCheck, option: string, value: unknown): string {
  const text = check.string(option, value)
  if (!URL.canParse(`https://${text}`) || new URL(`https://${text}`).host !== text) {
    check.refuse(option, 'be a host name like login.example.com, without https:// and path', text)
  }
  return text
}

/** A part of a URL's path: it must not be able to lead to another issuer. */
export function pathSegment(check: OptionCheck, option: string, value: unknown): string {
  const text = check.string(option, value)
  if (encodeURIComponent(text) !== text || text === '.' || text === '..') {
    check.refuse(option, 'be made of letters, digits and -_.~ only', text)
  }
  return text
}
