import type { Timer } from '../../../core/clock.js'
import type { AuthEvent } from '../../../core/events/events.js'
import { complaint } from '../../../core/options/complaint.js'
import { Untold, type OptionCheck } from '../../../core/options/option-check.js'
import { adviceForJwks } from './odd-jwks.js'
import { messageOf } from '../../../core/values.js'
import { ensureFetchable } from '../../../net/network/address-guard.js'
import { compileNetwork } from '../../../net/network/network-options.js'
import type { Network } from '../../../net/network/network.js'
import { documentsBy, documentsByApp } from '../../../keys/documents/documents.js'
import {
  createAppKeyFetcher,
  createKeyFetcher,
  type KeyFetcher,
} from '../../../keys/documents/key-fetcher.js'
import { createKeyManager } from '../../../keys/manager/key-manager.js'
import { staticKeySource, type KeySource } from '../../../keys/key-source.js'
import { secretKeySource } from '../../../keys/secret.js'
import { compileKeyCache, type CacheLimits } from './key-cache.js'
import { locationOf, placeNameOf, placeOf } from './key-place.js'
import type { IssuerFields } from './options.js'

/** What a key source needs besides the options. */
export interface KeySourceContext {
  readonly check: OptionCheck
  readonly timer: Timer
  readonly emit: (event: AuthEvent) => void
  /** Whether a key that a refetch did not bring may be refused without another one. @default true */
  readonly remembersRefused?: boolean
  /** Those in hand, where the options say the same of them as before. */
  readonly keys?: KeySource | undefined
  /** Whether issuers in private networks are refused. @default false */
  readonly publicOnly?: boolean
}

/** A function that fetches may stand beside a place, but not beside keys: then there is nothing to fetch. */
const EXCLUSIVE = [
  ['discoveryUrl', 'jwksUri', 'jwks', 'secret'],
  ['fetchKeys', 'jwks', 'secret'],
] as const

/** The one source of keys that the options name. Nothing is fetched before the first request. */
export function createKeySource(
  options: IssuerFields,
  issuers: readonly string[],
  context: KeySourceContext,
): KeySource {
  const { check } = context
  for (const sources of EXCLUSIVE) refuseSeveral(options, sources, check)
  const { jwks, secret, keyCache, network } = options
  const asked = typeof jwks === 'function'
  const fetched = secret === undefined && (jwks === undefined || asked)
  if (!fetched && keyCache !== undefined) {
    check.refuse('keyCache', 'be left out where nothing is fetched', keyCache)
  }
  if (secret !== undefined || jwks !== undefined) {
    // An introspection of the same issuer may still need it, but not keys.
    compileNetwork(check, network, [])
  }
  if (secret !== undefined) return secretKeySource(check, secret)
  if (jwks !== undefined && !asked) return staticKeys(check, jwks)
  const limits = compileKeyCache(check, keyCache ?? {})
  if (asked)
    return managedKeys(createAppKeyFetcher(jwks, limits.maxBytes), limits, issuers, context)
  return managedKeys(
    fetcherOf(options, issuers, limits.maxBytes, context),
    limits,
    issuers,
    context,
  )
}

function refuseSeveral(
  options: IssuerFields,
  sources: readonly (keyof IssuerFields)[],
  check: OptionCheck,
): void {
  const given = sources.filter((name) => options[name] !== undefined)
  if (given.length < 2) return
  const names = given.map((name) => `"${name}"`).join(' and ')
  throw complaint(
    check.factory,
    `${check.factory}: ${names} are different sources of keys. Give one of them: keys of different trust must not stand in for each other`,
  )
}

function fetcherOf(
  options: IssuerFields,
  issuers: readonly string[],
  maxBytes: number,
  { check, timer, publicOnly }: KeySourceContext,
): KeyFetcher {
  const { fetchKeys, network: given } = options
  const url = placeOf(options, issuers, check)
  const network = compileNetwork(check, given, [url], publicOnly)
  assertConfigured(options, url, network, check)
  const location = locationOf(options, url, issuers)
  if (fetchKeys === undefined) {
    return createKeyFetcher(location, documentsBy(network, maxBytes), timer.now)
  }
  check.optionalFunction('fetchKeys', fetchKeys)
  for (const name of ['ca', 'headers', 'proxy'] as const) {
    if (given?.[name] !== undefined) {
      check.refuse(`network.${name}`, 'be left out where "fetchKeys" does the fetching', 'both')
    }
  }
  const documents = documentsByApp(fetchKeys, network.allowance, maxBytes)
  return createKeyFetcher(location, documents, timer.now)
}

/** Told at the start, with the way out, and not by 503 to the first request. */
function assertConfigured(
  options: IssuerFields,
  url: URL,
  { allowance }: Network,
  check: OptionCheck,
): void {
  const name = placeNameOf(options)
  try {
    ensureFetchable(url, allowance)
  } catch (error) {
    const elsewhere =
      name === 'issuer' ? '. Where the keys are elsewhere, give "jwksUri" or "discoveryUrl"' : ''
    const rule = 'be an https URL without credentials (http is for loopback only)'
    check.refuse(name, `${rule}. ${messageOf(error)}${elsewhere}`, url.href)
  }
}

function staticKeys(check: OptionCheck, jwks: unknown): KeySource {
  const advice = adviceForJwks(jwks)
  // Said without the value, which may be a private key.
  if (advice !== undefined)
    check.refuse(
      'jwks',
      advice,
      new Untold(Array.isArray(jwks) ? 'a list' : `a value of type ${typeof jwks}`),
    )
  try {
    return staticKeySource(jwks)
  } catch (error) {
    return check.refuse('jwks', `hold a usable key: ${messageOf(error)}`, jwks)
  }
}

function managedKeys(
  fetcher: KeyFetcher,
  { maxBytes: _maxBytes, ...limits }: CacheLimits,
  issuers: readonly string[],
  { timer, emit, remembersRefused = true }: KeySourceContext,
): KeySource {
  return createKeyManager({
    issuer: issuers[0] ?? '',
    fetcher,
    timer,
    emit,
    remembersRefused,
    ...limits,
  })
}
