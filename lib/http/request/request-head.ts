/** Who waits for an answer. */
export interface Client {
  /** The address, as far as the host knows it; empty where it does not. */
  readonly address: string
  /** Whether nobody waits any more. */
  readonly gone: boolean
}

/** What a decision may read of a request, whatever host it came to. Never its body. */
export interface RequestHead {
  readonly method: string
  /** The method as it was sent, where a method-override middleware replaced it. */
  readonly originalMethod?: string | undefined
  /** As the host gives it: a path, or an absolute URL. */
  readonly url: string
  /** The value of a header, by its name in lower case; several lines are joined by a comma. */
  header(name: string): string | undefined
  /** The lines of a header as they came, where the host keeps them apart. */
  headerLines(name: string): readonly string[]
  readonly client: Client
  /** The path and query that the client asked for, as sent, where `url` is what a router left of it. */
  readonly target?: string | undefined
  /** Scheme and host that the client asked for, by the word of a proxy that the app trusts. */
  readonly proxiedOrigin?: string | undefined
  /** The request itself, for as long as it lasts: the same for each guard that it passes. */
  readonly request?: object | undefined
  /** Whoever connected: the client, or the last proxy. Undefined where the host does not say. */
  readonly peer?: Peer | undefined
}

/** The other end of the connection, by the connection itself: no header changes it. */
export interface Peer {
  readonly address: string
  /** Its TLS certificate in DER, undefined where it sent none. */
  certificate(): Uint8Array | undefined
}
