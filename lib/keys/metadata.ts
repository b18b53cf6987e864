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

/** All that a document about the issuer says, for what else is needed of it. */
export interface IssuerDocument {
  readonly members: Readonly<Record<string, unknown>>
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
  return firstUsable(target, limits, ({ members, maxAgeSeconds }) => ({
    jwksUri: urlIn(members, 'jwks_uri', limits),
    maxAgeSeconds,
  }))
}

/** The same for whoever needs no keys. An issuer of opaque tokens alone has no `jwks_uri`. */
export function discoverDocument(
  target: DiscoveryTarget,
  limits: FetchLimits,
): Promise<IssuerDocument> {
  return firstUsable(target, limits, (document) => document)
}

async function firstUsable<T>(
  target: DiscoveryTarget,
  limits: FetchLimits,
  read: (document: IssuerDocument) => T,
): Promise<T> {
  let failure: FetchError | undefined
  for (const url of target.discoveryUrls) {
    try {
      return await readAt(url, target, limits, read)
    } catch (error) {
      if (!(error instanceof FetchError)) throw error
      // "Not found" says only that this form is not offered; anything else is worth reporting first.
      if (failure === undefined || failure.status === 404) failure = error
    }
  }
  throw failure ?? new FetchError('There is no URL to discover the issuer by')
}

async function readAt<T>(
  url: URL,
  target: DiscoveryTarget,
  limits: FetchLimits,
  read: (document: IssuerDocument) => T,
): Promise<T> {
  const fetched = await fetchJson(url, limits, { jsonTypeOnly: true })
  try {
    const body = fetched.modified ? fetched.body : undefined
    const members = aboutIssuer(body, target)
    return read({ members, maxAgeSeconds: fetched.maxAgeSeconds })
  } catch (error) {
    throw fetchErrorAt(url, error)
  }
}

function aboutIssuer(body: unknown, target: DiscoveryTarget): IssuerDocument['members'] {
  if (!isRecord(body)) throw new FetchError('The answer is not a metadata document')
  const { issuer } = body
  if (typeof issuer !== 'string' || !isAbout(issuer, target)) {
    const named = typeof issuer === 'string' ? JSON.stringify(issuer.slice(0, 200)) : 'no issuer'
    const expected = target.issuers.map((item) => JSON.stringify(item)).join(' or ')
    throw new FetchError(`The metadata names ${named}, expected exactly ${expected}`)
  }
  return body
}

/** @throws FetchError where the metadata names no such URL, or one that would never be fetched. */
export function urlIn(
  members: IssuerDocument['members'],
  name: string,
  limits: Pick<FetchLimits, 'allowLoopback'>,
): URL {
  const { [name]: value } = members
  if (typeof value !== 'string' || value.length > MAX_URL_CHARS || !URL.canParse(value)) {
    throw new FetchError(
      `The metadata has no ${name} that is a URL of at most ${MAX_URL_CHARS} characters`,
    )
  }
  const url = new URL(value)
  assertFetchable(url, limits.allowLoopback)
  return url
}

/** Compared code point by code point (RFC 8414 §4). */
function isAbout(issuer: string, { issuers, allowTemplate }: DiscoveryTarget): boolean {
  return issuers.some((known) => (allowTemplate ? speaksFor(issuer, known) : issuer === known))
}
