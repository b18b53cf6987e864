import type { IncomingMessage, ServerResponse } from 'node:http'
import { optionCheck } from '../lib/core/options.js'
import { fetchGuard, type FetchGuardOptions } from '../lib/fetch.js'
import { setAuthState } from '../lib/http/guard/auth-state.js'
import { answerBy } from '../lib/http/guard/middleware.js'
import { createResponder } from '../lib/http/guard/responder.js'
import type { BearerGuard } from '../lib/index.js'

/**
 * `fetchGuard` as a middleware: the request becomes a `Request`, as hosts like Hono's Node server make
 * it, and the guards behind are those of Express.
 */
export function fetchMiddleware(options: FetchGuardOptions): BearerGuard {
  const guard = fetchGuard(options)
  const responder = createResponder(optionCheck('fetchGuard'), options)
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
    setAuthState(req, { auth, responder })
    next()
  }
  const middleware = (
    req: IncomingMessage,
    res: ServerResponse,
    next: (error?: unknown) => void,
  ): void => answerBy(next, () => judge(req, res, next))
  return Object.assign(middleware, {
    ready: () => guard.ready(),
    status: () => guard.status(),
    close: () => guard.close(),
  })
}

function requestOf({ rawHeaders, method = 'GET', url, headers }: IncomingMessage): Request {
  const sent = new Headers()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    sent.append(rawHeaders[index]!, rawHeaders[index + 1]!)
  }
  return new Request(`http://${headers.host ?? 'api.test'}${url ?? '/'}`, { method, headers: sent })
}

async function send(response: Response, res: ServerResponse): Promise<void> {
  res.statusCode = response.status
  for (const [name, value] of response.headers) res.appendHeader(name, value)
  res.end(Buffer.from(await response.arrayBuffer()))
}
