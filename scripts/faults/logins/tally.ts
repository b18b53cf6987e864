import { machineTime } from '../protocol.js'
import type { Report } from './protocol.js'

/** Without one login that is served for so long, users would notice. */
const FELT_GAP_MS = 250

/** Counts what became of logins. */
export class Tally {
  renewed = 0
  ended = 0
  revived = 0
  twice = 0
  readonly #lost: Record<string, number> = {}
  #lastAt: number | undefined
  #longestGapMs = 0
  #lastGapEndedAt = 0

  served(): void {
    const now = machineTime()
    const gapMs = now - (this.#lastAt ?? now)
    this.#longestGapMs = Math.max(this.#longestGapMs, gapMs)
    if (gapMs > FELT_GAP_MS) this.#lastGapEndedAt = now
    this.#lastAt = now
  }

  lost(reason: string): void {
    this.#lost[reason] = (this.#lost[reason] ?? 0) + 1
  }

  report(): Report {
    const now = machineTime()
    const lastUsedMsAgo = now - (this.#lastAt ?? 0)
    const { renewed, ended, revived, twice } = this
    return {
      renewed,
      ended,
      revived,
      twice,
      lost: this.#lost,
      lastUsedMsAgo,
      longestGapMs: Math.max(this.#longestGapMs, lastUsedMsAgo),
      lastGapEndedAt: lastUsedMsAgo > FELT_GAP_MS ? now : this.#lastGapEndedAt,
    }
  }
}

/** Some of what came last, where a mistake would show. */
export class Recent<T> {
  readonly #items: T[] = []

  add(item: T): void {
    this.#items.push(item)
    if (this.#items.length > 200) this.#items.shift()
  }

  any(): T | undefined {
    return this.#items[Math.floor(Math.random() * this.#items.length)]
  }
}
