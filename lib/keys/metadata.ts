import { isRecord } from '../core/values.js'
import { fetchJson, FetchError, type FetchLimits } from './fetch-json.js'

/** What we use of an authorization server's metadata. */
export interface IssuerMetadata {
  /** The issuer the document names; equal to the configured one. */
  readonly issuer: string
  readonly jwksUri: URL
  readonly maxAgeSeconds: number | undefined
}

/**
 * Where an issuer's metadata may be, in the order they are asked (RFC 8414 §3.1 and §5, OpenID
 * Connect Discovery 1.0 §4.1): OAuth inserted, OpenID inserted, OpenID appended.
 */
export function wellKnownUrls(issuer: string): readonly URL[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.endsWith('/') ? pathname.slice(0, -1) : pathname
  const urls = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ]
  return [...new Set(urls)].map((url) => new URL(url))
}

/**
 * Asks each URL in turn for metadata of one of `issuers`. A document that names another issuer is
 * not used for anything (RFC 8414 §3.3): it would hand our keys to whoever controls that path.
 *
 * @throws FetchError of the most telling attempt.
 */
export async function discover(
  urls: readonly URL[],
  issuers: readonly string[],
  limits: FetchLimits,
): Promise<IssuerMetadata> {
  let failure: FetchError | undefined
  for (const url of urls) {
    try {
      const fetched = await fetchJson(url, limits)
      if (!fetched.modified)
        throw new FetchError(`${url.href} answered 304 to an unconditional request`)
      return readMetadata(url, fetched.body, issuers, fetched.maxAgeSeconds)
    } catch (error) {
      if (!(error instanceof FetchError)) throw error
      // "Not found" says only that this form is not offered; anything else is worth reporting first.
      if (failure === undefined || failure.status === 404) failure = error
      if (limits.signal.aborted) break
    }
  }
  throw failure ?? new FetchError('There is no URL to discover the issuer by')
}

function readMetadata(
  url: URL,
  body: unknown,
  issuers: readonly string[],
  maxAgeSeconds: number | undefined,
): IssuerMetadata {
  if (!isRecord(body)) throw new FetchError(`${url.href} is not a metadata document`)
  const { issuer, jwks_uri: jwksUri } = body
  if (typeof issuer !== 'string' || !issuers.includes(issuer)) {
    const named = typeof issuer === 'string' ? JSON.stringify(issuer) : 'no issuer'
    const expected = issuers.map((item) => JSON.stringify(item)).join(' or ')
    throw new FetchError(`${url.href} names ${named}, expected exactly ${expected}`)
  }
  if (typeof jwksUri !== 'string' || !URL.canParse(jwksUri)) {
    throw new FetchError(`${url.href} has no jwks_uri`)
  }
  return { issuer, jwksUri: new URL(jwksUri), maxAgeSeconds }
}
