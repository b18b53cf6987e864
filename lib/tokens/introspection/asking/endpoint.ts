import type { Timer } from '../../../core/clock.js'
import { documentsBy } from '../../../keys/documents/documents.js'
import { discoverDocument, urlIn, type IssuerDocument } from '../../../keys/documents/metadata.js'
import { expiry } from '../../../net/fetch/bounded-fetch.js'
import { allowanceOf } from '../../../net/network/allowance.js'
import type { Network } from '../../../net/network/network.js'
import { FetchError } from '../../../net/fetch-error.js'
import type { IssuerPolicy } from '../../issuers/policy/policy.js'
import type { IntrospectionSettings } from './options.js'

/** Where to ask, and how the answer may be signed. */
export interface Endpoint {
  readonly url: URL
  readonly network: Network
  /** Undefined where the metadata does not say (RFC 9701 §7). */
  readonly algorithms: readonly string[] | undefined
}

const KEPT_SECONDS = { fallback: 3600, min: 300, max: 86_400 }
const METADATA_BYTES = 524_288

/** Finds the endpoint of one issuer, and remembers it for as long as its metadata may be. */
export class EndpointLocator {
  readonly #settings: IntrospectionSettings
  readonly #timer: Timer
  #found: { readonly endpoint: Endpoint; readonly until: number } | undefined
  /** A look under way. All who ask meanwhile wait for it, and whoever gives up ends it for nobody else. */
  #finding: Promise<Endpoint> | undefined

  constructor(settings: IntrospectionSettings, timer: Timer) {
    this.#settings = settings
    this.#timer = timer
  }

  /** @throws FetchError */
  async locate({ metadata, network }: IssuerPolicy, signal: AbortSignal): Promise<Endpoint> {
    const { endpoint: given } = this.#settings
    if (given !== undefined) {
      return { url: given, network: namedBy(given, network), algorithms: undefined }
    }
    const found = this.#found
    if (found !== undefined && this.#timer.now() < found.until) return found.endpoint
    if (metadata === undefined) {
      throw new FetchError('The issuer has no metadata. Give "introspection.endpoint"')
    }
    this.#finding ??= this.#find(metadata, network).finally(() => (this.#finding = undefined))
    return Promise.race([this.#finding, expiry('The metadata of the issuer', signal)])
  }

  async #find(
    metadata: NonNullable<IssuerPolicy['metadata']>,
    network: Network,
  ): Promise<Endpoint> {
    const found = this.#found
    const abort = new AbortController()
    const cancel = this.#timer.after(this.#settings.timeoutMs, () => abort.abort())
    try {
      const documents = documentsBy(network, METADATA_BYTES)
      const { members, maxAgeSeconds } = await discoverDocument(metadata, documents, abort.signal)
      return this.#remember(this.#read(members, network), maxAgeSeconds)
    } catch (error) {
      // Where it was is better than nothing.
      if (found === undefined) throw error
      return this.#remember(found.endpoint, KEPT_SECONDS.min)
    } finally {
      cancel()
    }
  }

  #read(members: IssuerDocument['members'], network: Network): Endpoint {
    const name = 'introspection_endpoint'
    const aliases = members['mtls_endpoint_aliases']
    const byCertificate = this.#settings.clientAuth.certificate !== undefined
    const from = byCertificate && hasMember(aliases, name) ? aliases : members
    const algorithms = members['introspection_signing_alg_values_supported']
    return {
      url: urlIn(from, name, network.allowance),
      network,
      algorithms: Array.isArray(algorithms) ? algorithms.map(String) : undefined,
    }
  }

  #remember(endpoint: Endpoint, maxAgeSeconds: number | undefined): Endpoint {
    const { fallback, min, max } = KEPT_SECONDS
    const seconds = Math.min(Math.max(maxAgeSeconds ?? fallback, min), max)
    this.#found = { endpoint, until: this.#timer.now() + seconds * 1000 }
    return endpoint
  }
}

function hasMember(value: unknown, name: string): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
}

/** The operator named it, so it gets what the operator's hosts get. */
function namedBy(url: URL, network: Network): Network {
  const { onThisMachine } = allowanceOf([url])
  return {
    ...network,
    origins: new Set([...network.origins, url.origin]),
    allowance: { ...network.allowance, onThisMachine, publicOnly: false },
  }
}
