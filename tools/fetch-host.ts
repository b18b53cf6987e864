import type { IncomingMessage, ServerResponse } from 'node:http'
import { fetchGuard, type FetchGuardOptions } from '../lib/fetch.js'
import { setAuthState } from '../lib/http/guard/auth-state.js'
import { answerBy } from '../lib/http/guard/middleware.js'
import { protectionOf, withProtection } from '../lib/http/guard/protection.js'
import type { BearerGuard } from '../lib/index.js'

/**
 * `fetchGuard` as a middleware: the request becomes a `Request`, as hosts like Hono's Node server make
 * it, and the guards behind are those of Express.
 */
export function fetchMiddleware(options: FetchGuardOptions): BearerGuard {
  const guard = fetchGuard(options)
  const protection = protectionOf(guard)!
  async function judge(
    req: IncomingMessage,
    res: ServerResponse,
    next: (error?: unknown) => void,
  ): Promise<void> {
    const auth = await guard(requestOf(req), { client: req.socket.remoteAddress ?? '' })
    if (auth instanceof Response) {
      await send(auth, res)
      return
    }
    setAuthState(req, { auth, responder: protection.responder, token: { auth }, res })
    next()
  }
  const middleware = (
    req: IncomingMessage,
    res: ServerResponse,
    next: (error?: unknown) => void,
  ): void => answerBy(next, () => judge(req, res, next))
  const mounted = Object.assign(middleware, {
    ready: () => guard.ready(),
    status: () => guard.status(),
    close: () => guard.close(),
  })
  return withProtection(mounted, protection)
}

function requestOf({ rawHeaders, method = 'GET', url, headers }: IncomingMessage): Request {
  const sent = new Headers()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    sent.append(rawHeaders[index]!, rawHeaders[index + 1]!)
  }
  const target =
    url?.startsWith('/') === false ? url : `http://${headers.host ?? 'api.test'}${url ?? '/'}`
  return new Request(target, { method, headers: sent })
}

async function send(response: Response, res: ServerResponse): Promise<void> {
  res.statusCode = response.status
  for (const [name, value] of response.headers) res.appendHeader(name, value)
  res.end(Buffer.from(await response.arrayBuffer()))
}
