import { isRecord } from '../core/values.js'
import { assertFetchable } from '../net/address-guard.js'
import { FetchError, fetchErrorAt } from '../net/fetch-error.js'
import { fetchJson, type FetchLimits } from '../net/fetch-json.js'
import { speaksFor } from './jwk/issuer-template.js'

/** Where metadata is, and whom it must be about. */
export interface DiscoveryTarget {
  readonly discoveryUrls: readonly URL[]
  readonly issuers: readonly string[]
  /** The app named the URL itself, so that a document for all tenants (`{tenantid}`) may be there. */
  readonly allowTemplate: boolean
}

/** What we use of an authorization server's metadata. `signed_metadata` is never read (RFC 8414 §2.1). */
export interface IssuerMetadata {
  readonly jwksUri: URL
  readonly maxAgeSeconds: number | undefined
}

/** It is parsed, asked for, and named in errors. */
const MAX_URL_CHARS = 2048

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
 * Asks each URL in turn. A document that names another issuer is not used for anything (RFC 8414
 * §3.3): it would hand our keys to whoever controls that path.
 *
 * @throws FetchError of the most telling attempt.
 */
export async function discover(
  target: DiscoveryTarget,
  limits: FetchLimits,
): Promise<IssuerMetadata> {
  let failure: FetchError | undefined
  for (const url of target.discoveryUrls) {
    try {
      return await metadataAt(url, target, limits)
    } catch (error) {
      if (!(error instanceof FetchError)) throw error
      // "Not found" says only that this form is not offered; anything else is worth reporting first.
      if (failure === undefined || failure.status === 404) failure = error
    }
  }
  throw failure ?? new FetchError('There is no URL to discover the issuer by')
}

async function metadataAt(
  url: URL,
  target: DiscoveryTarget,
  limits: FetchLimits,
): Promise<IssuerMetadata> {
  const fetched = await fetchJson(url, limits, { jsonTypeOnly: true })
  try {
    const body = fetched.modified ? fetched.body : undefined
    return { jwksUri: jwksUriOf(body, target, limits), maxAgeSeconds: fetched.maxAgeSeconds }
  } catch (error) {
    throw fetchErrorAt(url, error)
  }
}

function jwksUriOf(body: unknown, target: DiscoveryTarget, limits: FetchLimits): URL {
  if (!isRecord(body)) throw new FetchError('The answer is not a metadata document')
  const { issuer, jwks_uri: jwksUri } = body
  if (typeof issuer !== 'string' || !isAbout(issuer, target)) {
    const named = typeof issuer === 'string' ? JSON.stringify(issuer.slice(0, 200)) : 'no issuer'
    const expected = target.issuers.map((item) => JSON.stringify(item)).join(' or ')
    throw new FetchError(`The metadata names ${named}, expected exactly ${expected}`)
  }
  if (typeof jwksUri !== 'string' || jwksUri.length > MAX_URL_CHARS || !URL.canParse(jwksUri)) {
    throw new FetchError(
      `The metadata has no jwks_uri that is a URL of at most ${MAX_URL_CHARS} characters`,
    )
  }
  const url = new URL(jwksUri)
  assertFetchable(url, limits.allowLoopback)
  return url
}

/** Compared code point by code point (RFC 8414 §4). */
function isAbout(issuer: string, { issuers, allowTemplate }: DiscoveryTarget): boolean {
  return issuers.some((known) => (allowTemplate ? speaksFor(issuer, known) : issuer === known))
}
