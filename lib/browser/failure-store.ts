import type { IncrementResponse, Store } from 'express-rate-limit'
import type { RedisReply, RedisStore } from 'rate-limit-redis'
import type { Events } from '../core/events.js'
import { messageOf } from '../core/values.js'
import { FailureCounter } from '../http/failure-counter.js'
import type { RateLimitRedis } from '../http/shared-failures.js'
import { optionalPeer } from './optional-peer.js'

export interface FailureStoreOptions {
  readonly limiter: string
  readonly windowMs: number
  readonly redis: RateLimitRedis | undefined
  readonly events: Events
}

/** An attempt that waits for a slow Redis would be slower than a guess deserves. */
const DEADLINE_MS = 100
/** How long to leave a Redis alone that failed to answer. */
const RETRY_MS = 1000

/**
 * A store that counts failures, and nothing before they are failures. Counting each attempt first
 * and taking the good ones back later, as limiters do, refuses good attempts that come at once.
 *
 * Where Redis does not answer in time, this process goes by its own count: a login page that
 * answers 500 in an outage helps nobody, and one without limits helps the wrong people.
 */
export class FailureStore implements Store {
  readonly localKeys = false
  readonly prefix: string
  readonly #options: FailureStoreOptions
  readonly #local: FailureCounter
  /** Undefined where the count is this process's own. */
  readonly #connect: (() => Promise<RedisStore>) | undefined
  #shared: RedisStore | undefined
  #degraded = false
  #retryAt = 0

  constructor(options: FailureStoreOptions) {
    this.#options = options
    this.prefix = `ratelimit:${options.limiter}:`
    this.#local = new FailureCounter(options.windowMs)
    const { redis, windowMs } = options
    this.#connect = redis === undefined ? undefined : connector(redis, this.prefix, windowMs)
  }

  /** What express-rate-limit calls for each attempt: it is told of the failures so far, and this one in case. */
  async increment(key: string): Promise<IncrementResponse> {
    const now = Date.now()
    const answer = await this.#ask((store) => store.get(key))
    // A key that is not there has a window that ended just now.
    const shared = answer !== undefined && answer.totalHits > 0 ? answer : undefined
    const local = this.#local.read(key, now)
    const count = Math.max(shared?.totalHits ?? 0, local?.count ?? 0)
    const resetAt = shared?.resetTime?.getTime() ?? local?.resetAt ?? now + this.#options.windowMs
    return { totalHits: count + 1, resetTime: new Date(resetAt) }
  }

  async fail(key: string): Promise<void> {
    this.#local.add(key, Date.now())
    await this.#ask((store) => store.increment(key))
  }

  /** Nothing was counted in advance, so there is nothing to take back. */
  decrement(): void {}

  /** A success resets nothing: whoever has one account could guess at others for ever. */
  resetKey(): void {}

  async #ask<T>(question: (store: RedisStore) => Promise<T>): Promise<T | undefined> {
    const { limiter, events } = this.#options
    if (this.#connect === undefined || Date.now() < this.#retryAt) return undefined
    try {
      this.#shared ??= await this.#connect()
      const answer = await question(this.#shared)
      if (this.#degraded) events.emit({ name: 'ratelimit.recovered', limiter })
      this.#degraded = false
      return answer
    } catch (error) {
      // The store keeps the failure of a script that could not be loaded for ever, so it is made anew.
      this.#shared = undefined
      this.#retryAt = Date.now() + RETRY_MS
      if (!this.#degraded) {
        events.emit({ name: 'ratelimit.degraded', limiter, detail: messageOf(error) })
      }
      this.#degraded = true
      return undefined
    }
  }
}

function connector(
  redis: RateLimitRedis,
  prefix: string,
  windowMs: number,
): () => Promise<RedisStore> {
  const peer = optionalPeer('authRateLimit', 'rate-limit-redis', import('rate-limit-redis'))
  return async () => {
    const { RedisStore: Store } = await peer
    const store = new Store({
      prefix,
      sendCommand: async (command, ...args) => toReply(await inTime(redis.call(command, ...args))),
    })
    store.windowMs = windowMs
    store.incrementScriptSha = store.loadIncrementScript()
    store.getScriptSha = store.loadGetScript()
    await Promise.all([store.incrementScriptSha, store.getScriptSha])
    return store
  }
}

/** A key that is not there is null to some clients, and false to the store. */
function toReply(value: unknown): RedisReply {
  if (Array.isArray(value)) return value.map(toScalar)
  return toScalar(value)
}

function toScalar(value: unknown): string | number | boolean {
  if (value === null) return false
  if (typeof value === 'string' || typeof value === 'number') return value
  throw new TypeError(`Redis answered with ${typeof value}`)
}

function inTime<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`Redis did not answer in ${DEADLINE_MS} ms`)),
      DEADLINE_MS,
    )
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
