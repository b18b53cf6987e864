import type { IncomingMessage } from 'node:http'
import type { Auth } from '../core/auth/auth.js'
import { AuthError } from '../core/verdicts/errors.js'
import { optionCheck } from '../core/options/option-check.js'
import { authState } from '../http/guard/auth-state.js'
import { HandshakeResponse } from '../http/guard/handshake.js'
import type { Middleware } from '../http/guard/middleware.js'
import { protectionOf } from '../http/guard/protection.js'

/**
 * Judges the handshake of a WebSocket, which no middleware sees: by the guards that the routes have,
 * in their order. A token in a cookie is taken only from pages of our own and from trusted origins,
 * as in an unsafe request, because CORS does not apply to handshakes. Call it in
 * `server.on('upgrade')`, before the socket is opened.
 *
 * It costs what the guards cost. Afterwards `authOf(req)` and `authSignal(req)` work for the request.
 *
 * @param bearer A `requireBearer`. Its `onRefuse`, and those of the others, are not called.
 * @param guards Those behind it, such as `jtiBlocklist(store)` and `requireScope('chat')`.
 * @returns a function that resolves to what the token means, and rejects with the `AuthError` of a
 *   refusal (`status` is what to answer), or with what a guard passed to `next`.
 *
 * @example
 * const upgrade = verifyUpgrade(bearer, jtiBlocklist(revocations))
 * server.on('upgrade', (req, socket, head) => {
 *   upgrade(req).then(
 *     () => wss.handleUpgrade(req, socket, head, (ws) => wss.emit('connection', ws, req)),
 *     (error) => socket.end(`HTTP/1.1 ${error.status ?? 500} Refused\r\nConnection: close\r\n\r\n`),
 *   )
 * })
 *
 * @throws TypeError at construction, where the first one is no `requireBearer`, or another no guard.
 * @see RFC 6455 §4.2.2 and §10.2
 */
export function verifyUpgrade(
  bearer: Middleware,
  ...guards: readonly Middleware[]
): (req: IncomingMessage) => Promise<Auth> {
  const check = optionCheck('verifyUpgrade')
  if (typeof bearer !== 'function' || protectionOf(bearer) === undefined) {
    check.refuse('bearer', 'be a requireBearer(...)', bearer)
  }
  for (const guard of guards) {
    if (typeof guard !== 'function') check.refuse('guards', 'be middlewares', guard)
  }

  return async function verify(req) {
    // A client that hangs up is an error that nobody else hears of: meanwhile, and once it is refused.
    req.socket.on('error', ignore)
    await passes(req, [bearer, ...guards])
    const auth = authState(req)?.auth
    if (auth === undefined) throw new AuthError('no_credential', { reason: 'no_credential' })
    req.socket.off('error', ignore)
    return auth
  }
}

/** Rejects with the first refusal. */
async function passes(req: IncomingMessage, guards: readonly Middleware[]): Promise<void> {
  let refused: (error: unknown) => void = ignore
  const res = new HandshakeResponse(req, (error) => refused(error))
  for (const guard of guards) {
    await new Promise<void>((resolve, reject) => {
      refused = reject
      guard(req, res, (error) => {
        if (error === undefined || error === null) resolve()
        else reject(error)
      })
    })
  }
}

function ignore(): void {
  // The next owner of the socket has listeners of its own.
}
