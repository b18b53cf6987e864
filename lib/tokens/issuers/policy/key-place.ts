import type { OptionCheck } from '../../../core/options/option-check.js'
import type { KeyLocation } from '../../../keys/documents/key-fetcher.js'
import { wellKnownUrls, type DiscoveryTarget } from '../../../keys/documents/metadata.js'
import type { IssuerFields } from './options.js'

/** The option that says where the keys are. */
export function placeNameOf({
  jwksUri,
  discoveryUrl,
}: IssuerFields): 'jwksUri' | 'discoveryUrl' | 'issuer' {
  if (jwksUri !== undefined) return 'jwksUri'
  return discoveryUrl === undefined ? 'issuer' : 'discoveryUrl'
}

/** The URL that the operator gave for this issuer. */
export function placeOf(
  options: IssuerFields,
  issuers: readonly string[],
  check: OptionCheck,
): URL {
  const name = placeNameOf(options)
  if (name !== 'issuer') return urlOf(check, name, options[name])
  const [issuer = '', ...others] = issuers
  if (others.length > 0) {
    check.refuse('issuer', 'be one string, unless "discoveryUrl" or "jwksUri" is given', issuers)
  }
  // RFC 8414 §2. Checked on the string as well: an empty query or fragment leaves no trace in a URL.
  if (issuer.includes('?') || issuer.includes('#')) {
    check.refuse('issuer', 'have no query and no fragment', issuer)
  }
  return urlOf(check, 'issuer', issuer)
}

export function locationOf(
  options: IssuerFields,
  url: URL,
  issuers: readonly string[],
): KeyLocation {
  switch (placeNameOf(options)) {
    case 'jwksUri':
      return { jwksUri: url }
    case 'discoveryUrl':
      return { discoveryUrls: [url], issuers, allowTemplate: true }
    case 'issuer':
      return { discoveryUrls: wellKnownUrls(url.href), issuers, allowTemplate: false }
  }
}

/** Where the metadata is, also where keys come from elsewhere. Call it with options that `createKeySource` took. */
export function metadataOf(
  { discoveryUrl }: IssuerFields,
  issuers: readonly string[],
): DiscoveryTarget | undefined {
  if (discoveryUrl !== undefined) {
    return { discoveryUrls: [new URL(discoveryUrl)], issuers, allowTemplate: true }
  }
  const [issuer = ''] = issuers
  if (!/^https?:/.test(issuer) || !URL.canParse(issuer)) return undefined
  return { discoveryUrls: wellKnownUrls(issuer), issuers: [issuer], allowTemplate: false }
}

function urlOf(check: OptionCheck, name: string, value: unknown): URL {
  const text = value instanceof URL ? value.href : value
  if (typeof text === 'string' && URL.canParse(text)) return new URL(text)
  const unless = name === 'issuer' ? ', unless "jwksUri", "discoveryUrl" or "jwks" is given' : ''
  return check.refuse(name, `be an absolute URL like https://id.example.com${unless}`, value)
}
