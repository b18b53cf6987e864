import type { Timer } from '../../../core/clock.js'
import { nextFailure, type Failure } from '../../../net/backoff.js'
import type { FetchError } from '../../../net/fetch-error.js'

/** After these the next call would fare no better: our credentials, or our rate. */
const CLOSES_AT_ONCE = [401, 403, 429]
/** A single token may upset an endpoint; so many failures in a row are of the endpoint. */
const FAILURES_IN_A_ROW = 3

/** Keeps calls from an endpoint that fails, for a time that grows from 1 to 5 seconds, or as it asked. */
export class Breaker {
  readonly #timer: Timer
  #failure: Failure | undefined
  #closedUntil = 0

  constructor(timer: Timer) {
    this.#timer = timer
  }

  /** How long calls must wait, in seconds; 0 where they do not. */
  waitSeconds(): number {
    return Math.max(0, this.#closedUntil - this.#timer.now()) / 1000
  }

  get failure(): string | undefined {
    return this.#failure?.message
  }

  failed(error: FetchError): void {
    const now = this.#timer.now()
    this.#failure = nextFailure(this.#failure, error, now)
    const { status = 0, retryAfterSeconds } = error
    const isSure = CLOSES_AT_ONCE.includes(status) || retryAfterSeconds !== undefined
    if (isSure || this.#failure.count >= FAILURES_IN_A_ROW) {
      this.#closedUntil = this.#failure.askAgainAt
    }
  }

  /** @returns whether it had failed before. */
  succeeded(): boolean {
    const recovered = this.#failure !== undefined
    this.#failure = undefined
    this.#closedUntil = 0
    return recovered
  }
}
