import type { Timer } from '../clock.js'
import type { AuthErrorReason } from '../verdicts/errors.js'
import type { Sender } from './sender.js'
import { WaitingRoom, type Waiting } from './waiting-room.js'

export interface PlacesOptions {
  readonly count: number
  readonly timer: Timer
  readonly reason: AuthErrorReason
  readonly purpose: string
}

/** How much one piece of work moves the mean: a pause of the process must not close the door for long. */
const WEIGHT = 1 / 16

/** So many pieces of work at once; the others wait (`WaitingRoom`), as long as the last ones took. */
export class Places {
  readonly #count: number
  readonly #timer: Timer
  readonly #room: WaitingRoom
  #taken = 0
  #meanMs = 1

  constructor({ count, timer, reason, purpose }: PlacesOptions) {
    this.#count = count
    this.#timer = timer
    this.#room = new WaitingRoom({
      timer,
      reason,
      purpose,
      take: () => this.#take(),
      expectedMs: (waiting) => (waiting * this.#meanMs) / count,
    })
  }

  /**
   * Does `work` once there is a place.
   *
   * @returns what `work` does, or rejects as it does; undefined where it became needless.
   * @throws AuthError as `WaitingRoom.wait` does.
   */
  async run<T>(work: () => Promise<T>, sender: Sender, waiting?: Waiting): Promise<T | undefined> {
    if (!this.#room.tryTake() && !(await this.#room.wait(sender, waiting))) return undefined
    const begunAt = this.#timer.now()
    try {
      return await work()
    } finally {
      this.#meanMs += (this.#timer.now() - begunAt - this.#meanMs) * WEIGHT
      this.#taken -= 1
      this.#room.admit()
    }
  }

  #take(): boolean {
    if (this.#taken === this.#count) return false
    this.#taken += 1
    return true
  }
}
