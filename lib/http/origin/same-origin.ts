import type { IncomingMessage } from 'node:http'
import { optionCheck } from '../../core/options/option-check.js'
import { DEFAULT_HEADER, hasCookies, judgeAsUnsafe } from './request-origin.js'
import { compileOrigins } from './judge-origin.js'

export interface SameOriginOptions {
  /** The public origin of this server, or several. @default the request's `Host` */
  readonly origin?: string | readonly string[] | undefined
  /** Other origins whose pages may connect. @default [] */
  readonly trustedOrigins?: readonly string[] | undefined
}

/**
 * Whether a page of our own opened this connection, or no page at all. For WebSocket handshakes:
 * they are GETs that carry cookies, they pass no middleware, and CORS does not apply to them, so
 * that any page could open a socket in its visitor's name.
 *
 * @example
 * server.on('upgrade', (req, socket) => {
 *   if (!isSameOrigin(req, { origin: 'https://app.example.com' })) socket.destroy()
 * })
 *
 * @throws TypeError for an origin that is not spelt exactly.
 */
export function isSameOrigin(req: IncomingMessage, options: SameOriginOptions = {}): boolean {
  const check = optionCheck('isSameOrigin')
  check.known(options, ['origin', 'trustedOrigins'])
  return judgeAsUnsafe(req, {
    own: compileOrigins(check, 'origin', options.origin),
    trusted: compileOrigins(check, 'trustedOrigins', options.trustedOrigins),
    refuseUserNavigation: false,
    isolateReads: false,
    headerName: DEFAULT_HEADER,
    ambient: hasCookies,
  })
}
