import type { Client, RequestHead } from './request-head.js'

/** The head of a request to a host that speaks fetch. */
export class FetchHead implements RequestHead, Client {
  readonly #request: Request
  /** These hosts do not say who connected; the app that mounts the guard may. */
  readonly address: string

  constructor(request: Request, address = '') {
    this.#request = request
    this.address = address
  }

  get method(): string {
    return this.#request.method
  }

  get url(): string {
    return this.#request.url
  }

  /** Hosts make the rest of the URL of the `Host` header, which is what the client says it is. */
  get target(): string {
    return this.url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
  }

  /** Many hosts give no `Host`, but they all give the URL that they made of it. */
  header(name: string): string | undefined {
    // A pseudo-header of HTTP/2 is no name that `Headers` takes.
    if (name.startsWith(':')) return undefined
    const value = this.#request.headers.get(name) ?? undefined
    return value === undefined && name === 'host' ? new URL(this.url).host : value
  }

  /** `Headers` joins several lines into one, which no rule for a single value then takes. */
  headerLines(name: string): readonly string[] {
    const value = this.header(name)
    return value === undefined ? [] : [value]
  }

  get client(): Client {
    return this
  }

  get gone(): boolean {
    return this.#request.signal.aborted
  }
}
