import type { IncomingMessage } from 'node:http'
import type { AuthEvent } from '../../core/events/events.js'
import { printable, requestOf } from '../../core/events/events.js'
import { isRecord } from '../../core/values.js'
import { FetchHead } from '../../http/request/fetch-head.js'
import { NodeHead } from '../../http/request/node-head.js'
import type { RequestHead } from '../../http/request/request-head.js'

/** The request that brought an event about; undefined where there is none. */
export function headOf(event: AuthEvent): RequestHead | undefined {
  const request = requestOf(event)
  if (request === undefined) return undefined
  if (request instanceof FetchHead) return request
  return isNodeRequest(request) ? new NodeHead(request) : undefined
}

function isNodeRequest(request: object): request is IncomingMessage {
  return 'headers' in request && isRecord(request.headers)
}

/** The pattern of the route within its router: a path would hold ids. Undefined in front of the router. */
export function routeOf(event: AuthEvent): string | undefined {
  const request = requestOf(event)
  if (!isRecord(request)) return undefined
  const { route } = request
  const pattern = isRecord(route) ? route['path'] : undefined
  return typeof pattern === 'string' ? printable(pattern) : undefined
}

/** What a logger in front has called the request, as pino-http does. A header is never taken for it. */
export function requestIdOf(event: AuthEvent): string | undefined {
  const request = requestOf(event)
  const id = isRecord(request) ? request['id'] : undefined
  return typeof id === 'string' || typeof id === 'number' ? printable(String(id)) : undefined
}

const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}$/

/** The id of the trace, by W3C Trace Context. The client may have made it up, so it only joins records. */
export function traceIdOf(head: RequestHead): string | undefined {
  return TRACEPARENT.exec(head.header('traceparent') ?? '')?.[1]
}
