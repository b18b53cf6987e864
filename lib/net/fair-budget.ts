import type { Timer } from '../core/clock.js'
import type { AuthErrorReason } from '../core/verdicts/errors.js'
import type { Sender } from '../core/queue/sender.js'
import { WaitingRoom, type Waiting } from '../core/queue/waiting-room.js'
import { Budget } from './budget.js'

export interface FairBudgetOptions {
  readonly burst: number
  readonly intervalMs: number
  readonly timer: Timer
  readonly reason: AuthErrorReason
  readonly purpose: string
}

/** A `Budget` whose callers wait (`WaitingRoom`) once it is empty, and are not refused. */
export class FairBudget {
  readonly #intervalMs: number
  readonly #timer: Timer
  readonly #room: WaitingRoom
  readonly #budget: Budget
  #ticking = false

  constructor({ burst, intervalMs, timer, reason, purpose }: FairBudgetOptions) {
    const budget = new Budget(burst, intervalMs, timer.now)
    this.#budget = budget
    this.#intervalMs = intervalMs
    this.#timer = timer
    this.#room = new WaitingRoom({
      timer,
      reason,
      purpose,
      take: () => budget.take(),
      // Unknown: most of them may wait for the same issuer, and leave with the first.
      expectedMs: () => 0,
    })
  }

  trySpend(): boolean {
    return this.#room.tryTake()
  }

  /**
   * @returns whether it was spent; false where that became needless.
   * @throws AuthError as `WaitingRoom.wait` does.
   */
  wait(sender: Sender, waiting?: Waiting): Promise<boolean> {
    const spent = this.#room.wait(sender, waiting)
    this.#tick()
    return spent
  }

  /** Gives one back: what it was spent on turned out to be worth it. */
  refund(): void {
    this.#budget.refund()
    this.#room.admit()
  }

  #tick(): void {
    if (this.#ticking || this.#room.waiting === 0) return
    this.#ticking = true
    this.#timer.after(this.#intervalMs, () => {
      this.#ticking = false
      this.#room.admit()
      this.#tick()
    })
  }
}
