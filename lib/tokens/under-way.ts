import type { AuthError } from '../core/errors.js'
import { tailHash } from './token-cache.js'

interface Work<V> {
  readonly presented: string
  readonly result: Promise<V | AuthError>
}

/**
 * Checks of credentials that have begun: the same credential in several requests at once is checked
 * once. Found by tail and compared as a whole, as in `TokenCache` and for its reason.
 */
export class UnderWay<V> {
  readonly #works = new Map<number, Work<V>>()

  /** @returns what `begin` does; a refusal that it knows at once is nobody's to wait for. */
  join(
    presented: string,
    begin: () => AuthError | Promise<V | AuthError>,
  ): AuthError | Promise<V | AuthError> {
    const hash = tailHash(presented)
    const running = this.#works.get(hash)
    if (running?.presented === presented) return running.result
    const result = begin()
    if (!(result instanceof Promise)) return result
    const work: Work<V> = { presented, result }
    this.#works.set(hash, work)
    const end = (): void => {
      if (this.#works.get(hash) === work) this.#works.delete(hash)
    }
    result.then(end, end)
    return result
  }
}
