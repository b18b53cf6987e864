import { sharedRefresh } from './shared-refresh.js'
import { waitFor } from './waiting.js'

export interface ApiFetchOptions {
  /** Where a POST brings new credentials: 2xx when they are there; 400, 401 or 403 when the user must log in. */
  readonly refresh: string | URL
  /** Called once for each time that a refresh was refused: show the login. */
  readonly onSignedOut?: (() => void) | undefined
  /** Longest wait for a server that says when to come back, in seconds. @default 30 */
  readonly maxWaitSeconds?: number | undefined
  /** Sends the requests. @default the browser's */
  readonly fetch?: typeof globalThis.fetch | undefined
}

/** Repeating these does no more than sending them once (RFC 9110 §9.2.2). */
const IDEMPOTENT = /^(?:GET|HEAD|OPTIONS|PUT|DELETE)$/
const ATTEMPTS = 3

/**
 * A `fetch` for pages whose API this package guards. On 401 it refreshes once for all tabs, and
 * sends the request once more. It waits where an answer says `Retry-After` (429 and 503): the user
 * stays logged in while a server is out. A body that is a stream is sent once.
 *
 * @example
 * const api = apiFetch({ refresh: '/auth/refresh', onSignedOut: () => location.assign('/login') })
 * const notes = await api('/api/notes')
 */
export function apiFetch(options: ApiFetchOptions): typeof globalThis.fetch {
  const { refresh, onSignedOut, maxWaitSeconds = 30 } = options
  const send = options.fetch ?? ((...given) => globalThis.fetch(...given))

  const refreshed = sharedRefresh(async () => {
    const request = new Request(address(refresh), { method: 'POST', credentials: 'include' })
    const { ok, status } = await patient(request)
    if (ok) return true
    // Only a refusal ends the login. An outage does not: the request keeps its 401, and may come again.
    if (status === 400 || status === 401 || status === 403) onSignedOut?.()
    return false
  })

  async function patient(request: Request): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await send(attempt < ATTEMPTS ? request.clone() : request)
      if (response.status !== 429 && response.status !== 503) return response
      const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN)
      if (attempt === ATTEMPTS || !(seconds <= maxWaitSeconds)) return response
      await response.body?.cancel()
      await waitFor(seconds * 1000, request.signal)
    }
  }

  return async (input, init) => {
    const usedSince = Date.now()
    if (init?.body instanceof ReadableStream) return send(input, init)
    const request = new Request(typeof input === 'string' ? address(input) : input, init)
    const again = request.clone()
    const mayRepeat = IDEMPOTENT.test(request.method)
    const response = await (mayRepeat ? patient(request) : send(request))
    if (response.status !== 401) return response
    if (!(await refreshed(usedSince))) return response
    await response.body?.cancel()
    return mayRepeat ? patient(again) : send(again)
  }
}

/** As the page reads it. */
function address(url: string | URL): string {
  const page: { readonly location?: { readonly href: string } } & typeof globalThis = globalThis
  return new URL(url, page.location?.href).href
}
