import type { Timer } from '../../core/clock.js'

/** How much later than its time an item may be due. */
export const TICK_MS = 250
const SLOTS = 32
/** A later time is cut to this one. */
const LONGEST_TICKS = SLOTS - 1

export interface WheelListener<T> {
  /** It is in the wheel no more. */
  due(item: T): void
  /** After those that were due. */
  ticked(): void
}

/** Items by the time when they are due. All of them cost one timer, and none is set while there are none. */
export class Wheel<T> {
  readonly #timer: Timer
  readonly #listener: WheelListener<T>
  readonly #slots: readonly Set<T>[] = Array.from({ length: SLOTS }, () => new Set<T>())
  readonly #slotOf = new Map<T, Set<T>>()
  #turned = 0
  #turning = false

  constructor(timer: Timer, listener: WheelListener<T>) {
    this.#timer = timer
    this.#listener = listener
  }

  get size(): number {
    return this.#slotOf.size
  }

  /** The new time counts for an item that is in the wheel already. */
  put(item: T, delayMs: number): void {
    this.remove(item)
    if (!this.#turning) this.#turned = this.#now()
    // A delay that is no number is due at once.
    const ticks = Math.min(Math.max(1, Math.ceil(delayMs / TICK_MS) || 0), LONGEST_TICKS)
    const slot = this.#slots[(this.#now() + ticks) % SLOTS]!
    slot.add(item)
    this.#slotOf.set(item, slot)
    this.#turn()
  }

  remove(item: T): void {
    this.#slotOf.get(item)?.delete(item)
    this.#slotOf.delete(item)
  }

  #now(): number {
    return Math.floor(this.#timer.now() / TICK_MS)
  }

  #turn(): void {
    if (this.#turning) return
    this.#turning = true
    this.#timer.after(TICK_MS, () => this.#tick())
  }

  #tick(): void {
    this.#turning = false
    const due = this.#takeDue()
    if (this.size > 0 || due.length > 0) this.#turn()
    for (const item of due) this.#listener.due(item)
    this.#listener.ticked()
  }

  /** After a pause of the process, all are due at once that were on the way. */
  #takeDue(): readonly T[] {
    const now = this.#now()
    const due: T[] = []
    const passed = Math.min(now - this.#turned, SLOTS)
    for (let tick = now - passed + 1; tick <= now; tick += 1) {
      const slot = this.#slots[tick % SLOTS]!
      for (const item of slot) {
        due.push(item)
        this.#slotOf.delete(item)
      }
      slot.clear()
    }
    this.#turned = now
    return due
  }
}
