import type { IncomingMessage } from 'node:http'
import { isLoopbackName } from '../../core/loopback.js'
import { socketOf } from './client-network.js'

/** Whether the client speaks TLS, as far as this server knows. Express's `req.secure` heeds `trust proxy`. */
export function isEncrypted(req: IncomingMessage & { readonly secure?: unknown }): boolean {
  const socket = socketOf(req)
  return (
    req.secure === true ||
    (socket !== undefined && 'encrypted' in socket && socket.encrypted === true)
  )
}

/** The server that a request is for: HTTP/2 has `:authority` instead of `Host`, and a client may leave either out. */
export function hostOf({ headers }: IncomingMessage): string | undefined {
  const authority = headers[':authority']
  return typeof authority === 'string' ? authority : headers.host
}

/** The name in a `Host` header, in lower case and without the port; IPv6 addresses without brackets. */
export function hostname(host: string | undefined): string {
  if (host === undefined) return ''
  const end = host.startsWith('[') ? host.indexOf(']') : host.indexOf(':')
  const name = end === -1 ? host : host.slice(host.startsWith('[') ? 1 : 0, end)
  return name.toLowerCase()
}

/** What only the machine itself reaches, and what browsers treat as trustworthy even over plain http. */
export function isLoopbackHost(host: string | undefined): boolean {
  return isLoopbackName(hostname(host))
}
