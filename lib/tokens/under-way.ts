import { tailOf } from './token-cache.js'

interface Work<V> {
  readonly presented: string
  readonly result: Promise<V>
}

/**
 * Checks of credentials that have begun: the same credential in several requests at once is checked
 * once. Found by tail and compared as a whole, as in `TokenCache` and for its reason.
 */
export class UnderWay<V> {
  readonly #works = new Map<string, Work<V>>()

  join(presented: string, begin: () => Promise<V>): Promise<V> {
    const tail = tailOf(presented)
    const running = this.#works.get(tail)
    if (running?.presented === presented) return running.result
    const work: Work<V> = { presented, result: begin().finally(() => this.#end(tail, work)) }
    this.#works.set(tail, work)
    return work.result
  }

  #end(tail: string, work: Work<V>): void {
    if (this.#works.get(tail) === work) this.#works.delete(tail)
  }
}
