import { isDeepStrictEqual } from 'node:util'
import type { Timer } from '../../../core/clock.js'
import type { KeySource } from '../../../keys/key-source.js'
import { nextFailure, type Failure } from '../../../net/backoff.js'
import type { IssuerFields } from '../policy/options.js'
import type { IssuerPolicy } from '../policy/policy.js'
import { snapshot } from '../policy/snapshot.js'

/** How long an answer of `resolve` counts, and how much longer while `resolve` fails. */
export interface AnswerLifetime {
  readonly ttlMs: number
  readonly maxStaleMs: number
}

/** Asked for again in the last tenth, so that whoever is in use never waits. */
const AHEAD = 0.9
/** Whether `resolve` still fails is known within this time. An older failure excuses nothing. */
const EXCUSED_MS = 5000

/** They say where keys come from and how. While they stay the same, the keys do, whatever else is new. */
const KEY_OPTIONS: readonly (keyof IssuerFields)[] = [
  'issuer',
  'discoveryUrl',
  'jwksUri',
  'jwks',
  'secret',
  'keyCache',
  'network',
  'fetchKeys',
]

export interface AnswerSetup {
  readonly lifetime: AnswerLifetime
  readonly timer: Timer
  /** Keys of an earlier answer, which those of the policy are, though maybe by another object. @default those of the policy */
  readonly kept?: KeySource | undefined
}

/** An issuer as `resolve` described it, for as long as that is believed. */
export class Answer {
  /** Its keys verify nothing, and void what they have verified, once the answer is not believed. */
  readonly policy: IssuerPolicy
  readonly keys: KeySource
  readonly #lifetime: AnswerLifetime
  readonly #timer: Timer
  readonly #options: Readonly<Record<string, unknown>>
  #answeredAt: number
  #failure: Failure | undefined
  #replaced = false
  /** Whether somebody asks again already, while this one serves on. */
  renewing = false

  constructor(policy: IssuerPolicy, options: IssuerFields, { lifetime, timer, kept }: AnswerSetup) {
    const { keys } = policy
    this.keys = kept ?? keys
    this.policy = { ...policy, keys: { ...keys, holds: (key) => this.believed && keys.holds(key) } }
    this.#lifetime = lifetime
    this.#timer = timer
    this.#options = snapshotOf(options)
    this.#answeredAt = timer.now()
  }

  get believed(): boolean {
    if (this.#replaced) return false
    const age = this.#age
    const { ttlMs, maxStaleMs } = this.#lifetime
    return age < ttlMs || (age < ttlMs + maxStaleMs && this.#excused)
  }

  /** Whether `resolve` is to be asked again. */
  get due(): boolean {
    if (this.#age < this.#lifetime.ttlMs * AHEAD) return false
    return this.#failure === undefined || this.#timer.now() >= this.#failure.retryAt
  }

  /** @returns whether `resolve` said the same again: then it counts anew. */
  renew(options: IssuerFields): boolean {
    if (!isDeepStrictEqual(snapshotOf(options), this.#options)) return false
    this.#answeredAt = this.#timer.now()
    this.#failure = undefined
    return true
  }

  /** `resolve` could not tell. */
  failed(error: unknown): void {
    const now = this.#timer.now()
    // All who waited for one call tell of it.
    if (this.#failure !== undefined && now < this.#failure.retryAt) return
    this.#failure = nextFailure(this.#failure, error, now)
  }

  /** The keys, where they are still those of `options`. */
  keysFor(options: IssuerFields): KeySource | undefined {
    const same = isDeepStrictEqual(keyOptions(snapshotOf(options)), keyOptions(this.#options))
    return same ? this.keys : undefined
  }

  /** From now on `other` counts. */
  replaceBy(other: Answer): void {
    this.#replaced = true
    if (other.keys !== this.keys) this.keys.close()
  }

  get #age(): number {
    return this.#timer.now() - this.#answeredAt
  }

  get #excused(): boolean {
    return this.#failure !== undefined && this.#timer.now() < this.#failure.retryAt + EXCUSED_MS
  }
}

function snapshotOf(options: IssuerFields): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]: [string, unknown]) =>
      value === undefined ? [] : [[name, snapshot(value)]],
    ),
  )
}

function keyOptions(options: Readonly<Record<string, unknown>>): readonly unknown[] {
  return KEY_OPTIONS.map((name) => options[name])
}
