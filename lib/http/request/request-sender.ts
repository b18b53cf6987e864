import type { Sender } from '../../core/queue/sender.js'
import { networkOf } from './client-network.js'
import type { Client } from './request-head.js'

/** Who sent a request. A class, because there is one for each new token: nothing is found out before it is asked. */
export class RequestSender implements Sender {
  readonly #client: Client
  readonly arrivedAt: number

  constructor(client: Client, now: number) {
    this.#client = client
    this.arrivedAt = now
  }

  get network(): string {
    return networkOf(this.#client.address)
  }

  get gone(): boolean {
    return this.#client.gone
  }
}
