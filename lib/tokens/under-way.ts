import { tailHash, type Presented } from './token-cache.js'

interface Work<V> extends Presented {
  readonly result: Promise<V>
}

/**
 * Checks of credentials that have begun: the same credential in several requests at once is checked
 * once. Found by tail and compared as a whole, as in `TokenCache` and for its reason.
 */
export class UnderWay<V> {
  readonly #works = new Map<number, Work<V>>()

  /** @throws what `begin` throws: then there is nothing to wait for. */
  join(presented: string, begin: () => Promise<V>): Promise<V> {
    const hash = tailHash(presented)
    const running = this.#works.get(hash)
    if (running?.presented === presented) return running.result
    const work: Work<V> = { presented, result: begin() }
    this.#works.set(hash, work)
    const end = (): void => {
      if (this.#works.get(hash) === work) this.#works.delete(hash)
    }
    work.result.then(end, end)
    return work.result
  }
}
