/**
 * The part of the internet that a network is in: a phone on the move, and users behind the addresses
 * that a carrier shares out, stay in it. IPv4 by /24, IPv6 by /48.
 */
function wideNetwork(network: string): string {
  const ipv6 = network.includes(':')
  return network.split(ipv6 ? ':' : '.', 3).join(ipv6 ? ':' : '.')
}

/** Those of a kind: a client with IPv4 and IPv6 is in one of each, and changes between them at will. */
export class WideNetworks {
  readonly #ipv4 = new Map<string, number>()
  readonly #ipv6 = new Map<string, number>()
  readonly #max: number

  /** @param max So many of each kind are told apart, and no more. */
  constructor(max: number) {
    this.#max = max
  }

  /** How many of its kind there are with this one. */
  add(network: string): number {
    const kind = this.#kindOf(network)
    const wide = wideNetwork(network)
    const times = kind.get(wide) ?? 0
    if (times > 0 || kind.size < this.#max) kind.set(wide, times + 1)
    return kind.size
  }

  /** Takes back one `add`. */
  remove(network: string): void {
    const kind = this.#kindOf(network)
    const wide = wideNetwork(network)
    const times = kind.get(wide) ?? 0
    if (times > 1) kind.set(wide, times - 1)
    else kind.delete(wide)
  }

  /** Whether there is another of its kind, and not this one: of the other kind nothing can be told. */
  excludes(network: string): boolean {
    const kind = this.#kindOf(network)
    return kind.size > 0 && !kind.has(wideNetwork(network))
  }

  #kindOf(network: string): Map<string, number> {
    return network.includes(':') ? this.#ipv6 : this.#ipv4
  }
}
