import { IncomingMessage } from 'node:http'
import { addressOf, socketOf } from './client-network.js'
import { peerOf } from './peer.js'
import { proxiedOrigin } from './proxied-origin.js'
import type { Client, Peer, RequestHead } from './request-head.js'

type NodeRequest = IncomingMessage & {
  readonly ip?: string | undefined
  readonly originalMethod?: string
  readonly originalUrl?: string
}

/** The head of a request to `node:http`. A class, because there is one for each new token: nothing is read before it is asked. */
export class NodeHead implements RequestHead, Client {
  readonly #req: NodeRequest

  constructor(req: NodeRequest) {
    this.#req = req
  }

  get method(): string {
    return this.#req.method ?? ''
  }

  get originalMethod(): string | undefined {
    return this.#req.originalMethod
  }

  get url(): string {
    return this.#req.url ?? ''
  }

  get target(): string {
    return this.#req.originalUrl ?? this.url
  }

  get proxiedOrigin(): string | undefined {
    return proxiedOrigin(this.#req)
  }

  /** Node makes a new one for each; of other hosts that is not known. */
  get request(): object | undefined {
    return this.#req instanceof IncomingMessage ? this.#req : undefined
  }

  get peer(): Peer {
    return peerOf(this.#req)
  }

  /** Node joins what comes twice with a comma, and so do we: a joined value equals no origin. */
  header(name: string): string | undefined {
    const value = this.#req.headers[name]
    return Array.isArray(value) ? value.join(name === 'cookie' ? '; ' : ', ') : value
  }

  headerLines(name: string): readonly string[] {
    const { rawHeaders } = this.#req as Partial<IncomingMessage>
    if (rawHeaders === undefined) return [this.#req.headers[name] ?? []].flat()
    const lines: string[] = []
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const other = rawHeaders[at]!
      // Most names are of another length: to spell them in lower case would cost more than all else here.
      if (other.length === name.length && other.toLowerCase() === name) {
        lines.push(rawHeaders[at + 1]!)
      }
    }
    return lines
  }

  get client(): Client {
    return this
  }

  get address(): string {
    return addressOf(this.#req)
  }

  /** By its socket: a request whose body was read is destroyed as well. */
  get gone(): boolean {
    return socketOf(this.#req)?.destroyed === true
  }
}
