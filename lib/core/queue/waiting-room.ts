import type { Timer } from '../clock.js'
import { AuthError, type AuthErrorReason } from '../verdicts/errors.js'
import { FairQueue } from './fair-queue.js'
import { deadlineOf, type Sender } from './sender.js'

export interface WaitingRoomOptions {
  readonly timer: Timer
  /** Takes what one request needs, such as a free place; false while there is none. */
  readonly take: () => boolean
  /** How long the last of so many would wait, as far as the past tells. */
  readonly expectedMs: (waiting: number) => number
  readonly reason: AuthErrorReason
  /** What is waited for, in words, for the log. */
  readonly purpose: string
}

export interface Waiting {
  /** Whether it comes after all else of its network. @default false */
  readonly last?: boolean
  /** Whether there is nothing to wait for any more, because others did what was to be done. */
  readonly needless?: () => boolean
}

interface Waiter {
  readonly sender: Sender
  readonly needless: (() => boolean) | undefined
  readonly deadlineAt: number
  readonly resolve: (taken: boolean) => void
  readonly reject: (error: AuthError) => void
}

/** Nobody waits longer; a request that would have to is refused when it comes. */
const MAX_WAIT_MS = 1000
/** However quickly it goes: each holds a request in memory. */
const MAX_WAITING = 10_000
/** How soon a request whose client has hung up gives back its memory. */
const SWEEP_MS = 25

/**
 * Where requests wait for something scarce: by network in turn, because a flood is of few networks;
 * within a bound of time, because an answer that comes too late is none; and only as long as somebody
 * waits for the answer.
 */
export class WaitingRoom {
  readonly #queue = new FairQueue<Waiter>()
  readonly #options: WaitingRoomOptions
  #sweeping = false

  constructor(options: WaitingRoomOptions) {
    this.#options = options
  }

  get waiting(): number {
    return this.#queue.size
  }

  /** Takes without waiting, where nobody waits. */
  tryTake(): boolean {
    return this.#queue.size === 0 && this.#options.take()
  }

  /**
   * @returns whether it was taken; false where that became needless.
   * @throws AuthError `temporarily_unavailable` where it would take too long, or nobody waits any more.
   */
  wait(sender: Sender, { last = false, needless }: Waiting = {}): Promise<boolean> {
    const { timer, expectedMs } = this.#options
    return new Promise((resolve, reject) => {
      const now = timer.now()
      const deadlineAt = Math.min(now + MAX_WAIT_MS, deadlineOf(sender, now))
      this.#queue.add(sender.network, { sender, needless, deadlineAt, resolve, reject }, last)
      if (this.#queue.size > MAX_WAITING || expectedMs(this.#queue.size) > MAX_WAIT_MS) {
        this.#queue.dropFromLongest()?.reject(this.#refusal('too many are waiting'))
      }
      this.#sweepSoon()
    })
  }

  /** Lets in as many as there is something to take for. Call it when that may have changed. */
  admit(): void {
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      if (this.#isOver(next)) {
        this.#queue.take()
        this.#dismiss(next)
      } else {
        if (!this.#options.take()) return
        this.#queue.take()
        next.resolve(true)
      }
    }
  }

  #isOver({ sender, deadlineAt, needless }: Waiter): boolean {
    return sender.gone || deadlineAt <= this.#options.timer.now() || needless?.() === true
  }

  #dismiss({ sender, needless, resolve, reject }: Waiter): void {
    if (needless?.() === true) resolve(false)
    else reject(this.#refusal(sender.gone ? 'the client has gone' : 'it took too long'))
  }

  /** One timer for all, because a flood would arm one for each of its requests. */
  #sweepSoon(): void {
    if (this.#sweeping || this.#queue.size === 0) return
    this.#sweeping = true
    this.#options.timer.after(SWEEP_MS, () => {
      this.#sweeping = false
      for (const waiter of this.#queue.removeWhere((each) => this.#isOver(each))) {
        this.#dismiss(waiter)
      }
      this.#sweepSoon()
    })
  }

  #refusal(why: string): AuthError {
    const { reason, purpose } = this.#options
    return new AuthError('temporarily_unavailable', { reason, detail: `No ${purpose}: ${why}` })
  }
}
