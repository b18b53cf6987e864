import { isRecord } from '../../core/values.js'
import { ensureFetchable } from '../../net/network/address-guard.js'
import type { Allowance } from '../../net/network/allowance.js'
import { FetchError, fetchErrorAt } from '../../net/fetch-error.js'
import type { Documents } from './documents.js'
import { speaksFor } from '../jwk/issuer-template.js'

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

/** A document came, and is about another issuer, or names no place that would be asked. */
class UnusableDocument extends FetchError {
  constructor(url: URL, error: unknown) {
    super(fetchErrorAt(url, error).message, { cause: error })
  }
}

/** It is parsed, asked for, and named in errors. */
const MAX_URL_CHARS = 2048

/**
 * Where an issuer's metadata may be (RFC 8414 §3.1 and §5, OpenID
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
 * Asks all URLs at once, so that one that stays silent costs nothing, and takes the first good answer.
 * A document that names another issuer is not used for anything (RFC 8414 §3.3): it would hand our
 * keys to whoever controls that path.
 *
 * @throws FetchError of the most telling attempt, which names all of them.
 */
export function discover(
  target: DiscoveryTarget,
  documents: Documents,
  signal: AbortSignal,
): Promise<IssuerMetadata> {
  return firstGood(target, (url, until) => metadataAt(url, target, documents, until), signal)
}

/** The same for whoever needs no keys. An issuer of opaque tokens alone has no `jwks_uri`. */
export function discoverDocument(
  target: DiscoveryTarget,
  documents: Documents,
  signal: AbortSignal,
): Promise<IssuerDocument> {
  return firstGood(target, (url, until) => documentAt(url, target, documents, until), signal)
}

async function firstGood<T>(
  target: DiscoveryTarget,
  ask: (url: URL, signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const enough = new AbortController()
  const until = AbortSignal.any([signal, enough.signal])
  try {
    const asking = target.discoveryUrls.map((url) => ask(url, until))
    return await Promise.any(asking)
  } catch (error) {
    throw error instanceof AggregateError ? failureOf(target.discoveryUrls, error.errors) : error
  } finally {
    enough.abort()
  }
}

/**
 * A document that came says most. "Not found" says only that this form is not offered, so that any
 * other failure is told before it.
 */
function failureOf(urls: readonly URL[], failures: readonly unknown[]): unknown {
  const odd = failures.find((failure) => !(failure instanceof FetchError))
  if (odd !== undefined) return odd
  const errors = failures.filter((failure) => failure instanceof FetchError)
  const telling =
    errors.find((error) => error instanceof UnusableDocument) ??
    errors.find(({ status }) => status !== 404) ??
    errors[0]
  if (telling === undefined) return new FetchError('There is no URL to discover the issuer by')
  const others = urls.filter((_, index) => errors[index] !== telling)
  if (others.length === 0) return telling
  const missing = errors.every(({ status }) => status === 404)
  const hint = missing ? '. Where the issuer has no metadata, give "jwksUri"' : ''
  const { status, retryAfterSeconds } = telling
  const message = `${telling.message}. Asked as well, in vain: ${others.join(', ')}${hint}`
  return new FetchError(message, { status, retryAfterSeconds, cause: telling })
}

async function metadataAt(
  url: URL,
  target: DiscoveryTarget,
  documents: Documents,
  signal: AbortSignal,
): Promise<IssuerMetadata> {
  const fetched = await documents.fetch(url, signal, { jsonTypeOnly: true })
  const body = fetched.modified ? fetched.body : undefined
  const { maxAgeSeconds } = fetched
  if (documents.mayBeKeys && isRecord(body) && Array.isArray(body['keys'])) {
    return { jwksUri: url, maxAgeSeconds }
  }
  try {
    const members = aboutIssuer(body, target)
    return { jwksUri: urlIn(members, 'jwks_uri', documents.allowance), maxAgeSeconds }
  } catch (error) {
    throw new UnusableDocument(url, error)
  }
}

async function documentAt(
  url: URL,
  target: DiscoveryTarget,
  documents: Documents,
  signal: AbortSignal,
): Promise<IssuerDocument> {
  const fetched = await documents.fetch(url, signal, { jsonTypeOnly: true })
  const body = fetched.modified ? fetched.body : undefined
  try {
    return { members: aboutIssuer(body, target), maxAgeSeconds: fetched.maxAgeSeconds }
  } catch (error) {
    throw new UnusableDocument(url, error)
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
export function urlIn(members: IssuerDocument['members'], name: string, allowance: Allowance): URL {
  const { [name]: value } = members
  if (typeof value !== 'string' || value.length > MAX_URL_CHARS || !URL.canParse(value)) {
    throw new FetchError(
      `The metadata has no ${name} that is a URL of at most ${MAX_URL_CHARS} characters`,
    )
  }
  const url = new URL(value)
  try {
    ensureFetchable(url, allowance)
  } catch (error) {
    throw fetchErrorAt(url, error, `The ${name} `)
  }
  return url
}

/** Compared code point by code point (RFC 8414 §4). */
function isAbout(issuer: string, { issuers, allowTemplate }: DiscoveryTarget): boolean {
  return issuers.some((known) => (allowTemplate ? speaksFor(issuer, known) : issuer === known))
}
