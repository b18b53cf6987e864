import type { IncomingMessage } from 'node:http'
import type { Sender } from '../../core/queue/sender.js'
import { addressOf, networkOf } from './client-network.js'

/** Who sent a request. A class, because there is one for each new token: nothing is found out before it is asked. */
export class RequestSender implements Sender {
  readonly #req: IncomingMessage
  readonly arrivedAt: number

  constructor(req: IncomingMessage, now: number) {
    this.#req = req
    this.arrivedAt = now
  }

  get network(): string {
    return networkOf(addressOf(this.#req))
  }

  /** By its socket: a request whose body was read is destroyed as well. */
  get gone(): boolean {
    return this.#req.socket.destroyed
  }
}
