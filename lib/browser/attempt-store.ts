import type { IncrementResponse, Store } from 'express-rate-limit'
import { systemTimer, type Timer } from '../core/clock.js'
import type { Events } from '../core/events/events.js'
import { createSharedScript, type RateLimitRedis } from '../http/throttle/shared-script.js'
import { AttemptCounter, type Attempts } from './attempt-counter.js'
import { createSharedAttempts, type SharedAttempts } from './shared-attempts.js'
import { WaitingLine } from './waiting-line.js'

export interface AttemptStoreOptions {
  readonly limiter: string
  readonly limit: number
  readonly windowMs: number
  readonly redis: RateLimitRedis | undefined
  readonly events: Pick<Events, 'emit'>
  readonly timer?: Timer | undefined
}

/** A place that an attempt took, to be given up once, when it ends. */
export interface Place {
  end(failed: boolean): void
}

/** Where a key stands once an attempt was let begin, or refused: then without a place. */
interface Verdict {
  readonly taken: number
  readonly resetAfterMs: number
  readonly place: Place | undefined
}

/** When to come back for who has waited in vain: places are held by attempts, not by failures. */
const BUSY_MS = 1000

/**
 * Lets no more attempts begin than may still fail: a request that comes while all places are taken
 * waits, and is refused once they are taken by failures. A good attempt gives its place back, so that
 * good ones that come at once all pass, a few at a time.
 *
 * Where Redis does not answer in time, this process goes by its own count.
 */
export class AttemptStore implements Store {
  readonly localKeys = false
  readonly prefix: string
  readonly #limit: number
  readonly #timer: Timer
  readonly #own: AttemptCounter
  readonly #shared: SharedAttempts | undefined
  readonly #line: WaitingLine
  /** Places taken by attempts that express-rate-limit is about to let pass. */
  readonly #taken = new Map<string, Place[]>()

  constructor({ limiter, limit, windowMs, redis, events, timer }: AttemptStoreOptions) {
    this.#limit = limit
    this.#timer = timer ?? systemTimer
    this.prefix = `ratelimit:${limiter}:`
    this.#own = new AttemptCounter(windowMs)
    this.#line = new WaitingLine(this.#timer)
    const { prefix } = this
    if (redis === undefined) return
    const ask = createSharedScript({ redis, limiter, timer: this.#timer, events })
    this.#shared = createSharedAttempts(ask, { limit, windowMs, prefix })
  }

  /** What express-rate-limit calls for each attempt. Its answer may take until another attempt ends. */
  async increment(key: string): Promise<IncrementResponse> {
    const verdict = await this.#line.enter(key, () => this.#tryToBegin(key))
    const { taken, resetAfterMs, place } = verdict ?? this.#refusal(BUSY_MS)
    if (place !== undefined) this.#taken.set(key, [...(this.#taken.get(key) ?? []), place])
    return { totalHits: taken, resetTime: new Date(Date.now() + resetAfterMs) }
  }

  /** The place of an attempt that was let pass. Those of one key are alike until they are claimed. */
  claim(key: string): Place | undefined {
    const [place, ...others] = this.#taken.get(key) ?? []
    if (others.length === 0) this.#taken.delete(key)
    else this.#taken.set(key, others)
    return place
  }

  /** Places are given back by their attempts. */
  decrement(): void {}

  /** A success resets nothing: an owner of one account could guess at others for ever. */
  resetKey(): void {}

  /** Undefined where all places are taken, but some of them by attempts that may yet succeed. */
  async #tryToBegin(key: string): Promise<Verdict | undefined> {
    const now = this.#timer.now()
    const known = this.#own.read(key, now)
    if (known !== undefined && known.failed >= this.#limit) {
      return this.#refusal(known.resetAt - now)
    }
    if (known !== undefined && known.taken >= this.#limit) return undefined
    const own = this.#own.begin(key, now)
    const all = await this.#shared?.begin(key)
    if (all === undefined) {
      const { taken } = own
      return { taken, resetAfterMs: own.resetAt - now, place: this.#place(key, own) }
    }
    const { taken, failed, resetAfterMs, place } = all
    if (place !== undefined) return { taken, resetAfterMs, place: this.#place(key, own, place) }
    this.#own.end(key, own, false)
    if (failed < this.#limit) return undefined
    // Remembered, so that a flood of refused attempts is no flood of questions.
    this.#own.set(key, { taken, failed, resetAt: this.#timer.now() + resetAfterMs })
    return this.#refusal(resetAfterMs)
  }

  #refusal(resetAfterMs: number): Verdict {
    return { taken: this.#limit + 1, resetAfterMs, place: undefined }
  }

  #place(key: string, own: Attempts, shared?: string): Place {
    return {
      end: (failed) => {
        this.#own.end(key, own, failed)
        const told = shared === undefined ? undefined : this.#shared?.end(key, shared, failed)
        if (told === undefined) this.#line.ended(key)
        else void told.then(() => this.#line.ended(key))
      },
    }
  }
}
