import { ServerResponse, type IncomingMessage } from 'node:http'
import type { AuthError } from '../../core/verdicts/errors.js'

/** `Symbol.for`, so that guards of another copy of this package know it too. */
const REFUSED = Symbol.for('express-resource-server.refused')

/** Stands in for the response that a handshake has not: what guards write to it goes nowhere. */
export class HandshakeResponse extends ServerResponse {
  readonly #refused: (error: unknown) => void

  /** @param refused Called in place of an answer to the client, by a guard or by another middleware. */
  constructor(req: IncomingMessage, refused: (error: unknown) => void) {
    super(req)
    this.#refused = refused
    Object.defineProperty(this, REFUSED, { value: refused })
    this.destroyed = req.socket.destroyed
    // Middlewares that keep something until an exchange is over listen to its response.
    req.socket.once('close', () => {
      this.destroyed = true
      this.emit('close')
    })
  }

  override end(): this {
    this.#refused(new Error(`verifyUpgrade: a middleware answered by itself (${this.statusCode})`))
    return this
  }
}

type Refusable = ServerResponse & { readonly [REFUSED]?: (error: unknown) => void }

/** What takes the refusal in place of an answer; undefined for a response that a client waits for. */
export function refuserOfHandshake(res: ServerResponse): ((error: AuthError) => void) | undefined {
  const { [REFUSED]: refused }: Refusable = res
  return refused
}

export function isHandshake(res: ServerResponse): boolean {
  return REFUSED in res
}
