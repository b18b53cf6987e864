import type { AuthError } from '../../core/verdicts/errors.js'
import type { Outcome } from '../../core/verdicts/outcome.js'
import type { Sender } from '../../core/queue/sender.js'
import { tailHash } from './token-cache.js'

/** A check that has begun. It is its own sender: gone only once all who wait for it are. */
class Work<V> implements Sender {
  readonly credentialText: string
  readonly #senders: Sender[]
  result: Promise<V | AuthError> | undefined

  constructor(credentialText: string, sender: Sender) {
    this.credentialText = credentialText
    this.#senders = [sender]
  }

  join(sender: Sender): void {
    this.#senders.push(sender)
  }

  get network(): string {
    return this.#senders[0]!.network
  }

  get arrivedAt(): number {
    return this.#senders[0]!.arrivedAt
  }

  get gone(): boolean {
    return this.#senders.every(({ gone }) => gone)
  }
}

/**
 * Checks of credentials that have begun: the same credential in several requests at once is checked
 * once. Found by tail and compared as a whole, as in `TokenCache` and for its reason.
 */
export class SingleFlight<V> {
  readonly #works = new Map<number, Work<V>>()

  /**
   * @param begin Is given whom it works for: all who join.
   * @returns what `begin` does; an immediate refusal is returned and not shared.
   */
  run(credentialText: string, sender: Sender, begin: (sender: Sender) => Outcome<V>): Outcome<V> {
    const hash = tailHash(credentialText)
    const running = this.#works.get(hash)
    if (running?.result !== undefined && running.credentialText === credentialText) {
      running.join(sender)
      return running.result
    }
    const work = new Work<V>(credentialText, sender)
    const result = begin(work)
    if (!(result instanceof Promise)) return result
    work.result = result
    this.#works.set(hash, work)
    const end = (): void => {
      if (this.#works.get(hash) === work) this.#works.delete(hash)
    }
    result.then(end, end)
    return result
  }
}
