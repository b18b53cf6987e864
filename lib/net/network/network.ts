import { messageOf, codeOf } from '../../core/values.js'
import type { ResolveAll } from './address-guard.js'
import { isLoopbackHostname, type Allowance } from './allowance.js'
import { FetchError } from '../fetch-error.js'

export type RequestHeaders = Readonly<Record<string, string>>

/** How one issuer is reached: the option `network`, checked. */
export interface Network {
  readonly allowance: Allowance
  /** PEM; undefined for those that Node trusts. */
  readonly ca: readonly string[] | undefined
  readonly headers: () => RequestHeaders | undefined | Promise<RequestHeaders>
  /** Only these were named by the operator, and get `headers`. */
  readonly origins: ReadonlySet<string>
  /** Undefined: what the environment says. */
  readonly proxy: URL | false | undefined
  /** @default `dns.lookup` */
  readonly resolve?: ResolveAll
}

/** @throws FetchError where the app's function fails, without its message, which may quote a secret. */
export async function headersFor(url: URL, network: Network): Promise<RequestHeaders | undefined> {
  if (!network.origins.has(url.origin)) return undefined
  try {
    return await network.headers()
  } catch (error) {
    if (error instanceof FetchError) throw error
    const cause = codeOf(error) ?? (error instanceof Error ? error.name : typeof error)
    throw new FetchError(`network.headers() failed (${cause})`, { cause: error })
  }
}

const PROXY_VARIABLES = ['https_proxy', 'http_proxy', 'all_proxy']

/** @throws FetchError where a proxy is set that cannot be used. */
export async function proxyFor(url: URL, { proxy, allowance }: Network): Promise<URL | undefined> {
  if (proxy === false) return undefined
  if (proxy !== undefined) return proxy
  // No proxy leads back to this machine.
  if (isLoopbackHostname(url.hostname) || allowance.loopback.has(url.hostname)) return undefined
  const { env } = process
  if (!PROXY_VARIABLES.some((name) => env[name] ?? env[name.toUpperCase()])) return undefined
  const { getProxyForUrl } = await import('proxy-from-env').catch((cause: unknown) => {
    throw new FetchError(
      `A proxy is set by the environment, which needs the package proxy-from-env: npm install proxy-from-env. Or set network: { proxy }, to its URL or to false (${messageOf(cause)})`,
      { cause },
    )
  })
  const found = getProxyForUrl(url.href)
  if (found === '') return undefined
  if (URL.canParse(found) && /^https?:$/.test(new URL(found).protocol)) return new URL(found)
  // It may hold a password.
  throw new FetchError('The proxy that the environment names is not at an http or https URL')
}
