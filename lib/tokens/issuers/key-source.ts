import type { Timer } from '../../core/clock.js'
import type { AuthEvent } from '../../core/verdicts/events.js'
import type { OptionCheck } from '../../core/options.js'
import { messageOf } from '../../core/values.js'
import { assertFetchable, isLoopbackHost } from '../../net/address-guard.js'
import { createKeyFetcher, type KeyLocation } from '../../keys/key-fetcher.js'
import { createKeyManager } from '../../keys/key-manager.js'
import { staticKeySource, type KeySource } from '../../keys/key-source.js'
import { wellKnownUrls, type DiscoveryTarget } from '../../keys/metadata.js'
import { secretKeySource } from '../../keys/secret.js'
import type { IssuerOptions, KeyCacheOptions } from './options.js'

/** What a key source needs besides the options. */
export interface KeySourceContext {
  readonly check: OptionCheck
  readonly timer: Timer
  readonly emit: (event: AuthEvent) => void
  /** Whether a key that a refetch did not bring may be refused without another one. @default true */
  readonly remembersRefused?: boolean
}

const SOURCES = ['discoveryUrl', 'jwksUri', 'jwks', 'secret'] as const

const KEY_CACHE_NAMES: readonly (keyof KeyCacheOptions)[] = [
  'ttlSeconds',
  'maxStaleSeconds',
  'refetchBurst',
  'refetchIntervalSeconds',
  'timeoutMs',
  'maxBytes',
]

/** The one source of keys that the options name. Nothing is fetched before the first request. */
export function createKeySource(
  options: IssuerOptions,
  issuers: readonly string[],
  context: KeySourceContext,
): KeySource {
  const { check } = context
  const given = SOURCES.filter((name) => options[name] !== undefined)
  if (given.length > 1) {
    const names = given.map((name) => `"${name}"`).join(' and ')
    throw new TypeError(
      `${check.factory}: ${names} are different sources of keys. Give one of them: keys of different trust must not stand in for each other`,
    )
  }
  const fetched = options.secret === undefined && options.jwks === undefined
  if (!fetched && options.keyCache !== undefined) {
    check.refuse('keyCache', 'be left out where nothing is fetched', options.keyCache)
  }
  if (options.secret !== undefined) return secretKeySource(check, options.secret)
  if (options.jwks !== undefined) return staticKeys(check, options.jwks)
  return managedKeys(locate(options, issuers, check), options.keyCache ?? {}, issuers, context)
}

function staticKeys(check: OptionCheck, jwks: unknown): KeySource {
  try {
    return staticKeySource(jwks)
  } catch (error) {
    return check.refuse('jwks', `hold a usable key: ${messageOf(error)}`, jwks)
  }
}

function locate(
  options: IssuerOptions,
  issuers: readonly string[],
  check: OptionCheck,
): KeyLocation {
  if (options.jwksUri !== undefined) return { jwksUri: urlOf(check, 'jwksUri', options.jwksUri) }
  if (options.discoveryUrl !== undefined) {
    const url = urlOf(check, 'discoveryUrl', options.discoveryUrl)
    return { discoveryUrls: [url], issuers, allowTemplate: true }
  }
  const [issuer = '', ...others] = issuers
  if (others.length > 0) {
    check.refuse('issuer', 'be one string, unless "discoveryUrl" or "jwksUri" is given', issuers)
  }
  const url = urlOf(check, 'issuer', issuer)
  // RFC 8414 §2. Checked on the string as well: an empty query or fragment leaves no trace in a URL.
  if (issuer.includes('?') || issuer.includes('#')) {
    check.refuse('issuer', 'have no query and no fragment', issuer)
  }
  return { discoveryUrls: wellKnownUrls(url.href), issuers, allowTemplate: false }
}

/** Where the metadata is, also where keys come from elsewhere. Call it with options that `createKeySource` took. */
export function metadataOf(
  { discoveryUrl }: IssuerOptions,
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
  if (typeof text !== 'string' || !URL.canParse(text)) {
    return check.refuse(name, 'be an absolute URL like https://id.example.com', value)
  }
  const url = new URL(text)
  try {
    assertFetchable(url, isLoopbackHost(url.hostname))
  } catch {
    check.refuse(name, 'be an https URL without credentials (http is for loopback only)', text)
  }
  return url
}

function managedKeys(
  location: KeyLocation,
  cache: KeyCacheOptions,
  issuers: readonly string[],
  { check, timer, emit, remembersRefused = true }: KeySourceContext,
): KeySource {
  check.known(cache, KEY_CACHE_NAMES, { within: 'keyCache' })
  const number = (
    name: keyof KeyCacheOptions,
    fallback: number,
    min: number,
    max: number,
  ): number => check.number(`keyCache.${name}`, cache[name], { fallback, min, max })
  const year = 31_536_000
  return createKeyManager({
    issuer: issuers[0] ?? '',
    fetcher: createKeyFetcher(location, number('maxBytes', 524_288, 1024, 16_777_216), timer.now),
    timer,
    emit,
    ttlSeconds: cache.ttlSeconds === undefined ? undefined : number('ttlSeconds', 0, 0.05, year),
    maxStaleSeconds: number('maxStaleSeconds', 3600, 0, year),
    refetchBurst: number('refetchBurst', 5, 1, 1000),
    refetchIntervalSeconds: number('refetchIntervalSeconds', 30, 0.05, year),
    timeoutMs: number('timeoutMs', 2500, 50, 60_000),
    remembersRefused,
  })
}
