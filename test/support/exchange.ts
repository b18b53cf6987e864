import { IncomingMessage, ServerResponse, type IncomingHttpHeaders } from 'node:http'
import { Socket } from 'node:net'

/** A request that came, and its answer, without a server. */
export interface Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** Of the answer; undefined as long as it has not ended. */
  readonly body: () => string | undefined
  /** The lines of `Set-Cookie`. */
  readonly cookies: () => readonly string[]
}

export function exchangeOf(
  url = '/',
  { method = 'GET', headers = {} }: { method?: string; headers?: IncomingHttpHeaders } = {},
): Exchange {
  const req = new IncomingMessage(new Socket())
  const rawHeaders = Object.entries(headers).flatMap(([name, values]) =>
    [values ?? []].flat().flatMap((value) => [name, value]),
  )
  Object.assign(req, { method, url, headers, rawHeaders })
  const res = new ServerResponse(req)
  let body: string | undefined
  res.end = (chunk?: unknown) => {
    body = typeof chunk === 'string' ? chunk : ''
    return res
  }
  return {
    req,
    res,
    body: () => body,
    cookies: () => [res.getHeader('set-cookie') ?? []].flat().map(String),
  }
}
