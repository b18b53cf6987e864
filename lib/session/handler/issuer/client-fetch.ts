import { boundedFetch } from '../../../net/fetch/bounded-fetch.js'
import { FetchError } from '../../../net/fetch-error.js'
import type { Network } from '../../../net/network/network.js'
import { readText } from '../../../net/fetch/response-text.js'
import type { ClientCertificate } from '../../../net/fetch/bounded-fetch.js'

/** As much of `fetch` as openid-client needs, with the bounds of every call of this package. */
export type ClientFetch = (
  url: string,
  options: {
    readonly method: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: unknown
  },
) => Promise<Response>

export interface ClientFetchOptions {
  readonly network: Network
  readonly timeoutMs: number
  readonly certificate: ClientCertificate | undefined
}

const MAX_BYTES = 524_288

export function createClientFetch({
  network,
  timeoutMs,
  certificate,
}: ClientFetchOptions): ClientFetch {
  return (url, { method, headers, body }) => {
    if (method !== 'GET' && method !== 'POST') throw new FetchError(`${method} is never sent`)
    const text = textOf(body)
    const length = text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) }
    return boundedFetch(
      new URL(url),
      {
        method,
        headers: { ...headers, ...length },
        ...(text === undefined ? {} : { body: text }),
        certificate,
      },
      { network, maxBytes: MAX_BYTES, signal: AbortSignal.timeout(timeoutMs) },
      async (response) => {
        const { statusCode: status = 502, headers: told } = response
        const content = await readText(response, MAX_BYTES)
        const contentType = told['content-type'] ?? ''
        return new Response(hasBody(status) ? content : null, {
          status,
          headers: {
            'content-type': contentType,
            ...pick(told['www-authenticate'], 'www-authenticate'),
            ...pick(told['cache-control'], 'cache-control'),
          },
        })
      },
    )
  }
}

function textOf(body: unknown): string | undefined {
  if (body === undefined || body === null) return undefined
  if (typeof body === 'string' || body instanceof URLSearchParams) return String(body)
  throw new FetchError('Only forms are sent')
}

/** `Response` refuses a body for these. */
function hasBody(status: number): boolean {
  return status !== 204 && status !== 205 && status !== 304
}

function pick(value: string | undefined, name: string): Record<string, string> {
  return value === undefined ? {} : { [name]: value }
}
