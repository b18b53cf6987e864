import { pickDefined } from '../core/options/option-check.js'
import type {
  KeysAtUri,
  KeysByDiscovery,
  KeysInHand,
} from '../tokens/issuers/policy/one-key-source.js'
import type { IssuerFields } from '../tokens/issuers/policy/options.js'

/** Whose signed word is taken, and one source of its keys. They mean what they mean for `requireBearer`. */
export type SenderOptions = SenderFields & (KeysByDiscovery | KeysAtUri | KeysInHand)

export interface SenderFields extends Pick<
  IssuerFields,
  'jwksUri' | 'jwks' | 'clockToleranceSeconds' | 'keyCache' | 'network' | 'fetchKeys'
> {
  /** Who signs, compared exactly with `iss`; a list holds spellings. */
  readonly issuer: string | readonly string[]
  /** Where its metadata is, which names the keys. */
  readonly discoveryUrl?: string | URL | undefined
  /** How its tokens are signed. @default ['RS256'] */
  readonly algorithms?: readonly string[] | undefined
  /** Names of this receiver, as the sender was given them; at least one must be in `aud`. */
  readonly audience: string | readonly string[]
}

export const SENDER_OPTION_NAMES: readonly (keyof SenderFields)[] = [
  'issuer',
  'audience',
  'discoveryUrl',
  'jwksUri',
  'jwks',
  'algorithms',
  'clockToleranceSeconds',
  'keyCache',
  'network',
  'fetchKeys',
]

const SOURCES = ['discoveryUrl', 'jwksUri', 'jwks'] as const

/**
 * The transmitter's metadata, where nothing else is named: the well-known part is inserted before the
 * path of the issuer (OpenID SSF 1.0 §7.2).
 */
export function withMetadata(options: SenderOptions): IssuerFields {
  const own = pickDefined(options, SENDER_OPTION_NAMES)
  const { issuer, audience } = options
  const isNamed = SOURCES.some((name) => options[name] !== undefined)
  if (isNamed || typeof issuer !== 'string' || !URL.canParse(issuer)) {
    return { ...own, issuer, audience }
  }
  const { origin, pathname } = new URL(issuer)
  const path = pathname.endsWith('/') ? pathname.slice(0, -1) : pathname
  const discoveryUrl = `${origin}/.well-known/ssf-configuration${path}`
  return { ...own, issuer, audience, discoveryUrl }
}
