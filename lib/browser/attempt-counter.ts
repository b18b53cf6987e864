import { WindowTable, type Window } from '../http/throttle/window-table.js'

/** The attempts of one key in a window that begins with the first of them. */
export interface Attempts extends Window {
  /** Those that failed and those that are under way: as many places as are taken. */
  taken: number
  failed: number
}

/**
 * Counts attempts in this process, from their begin on: were they counted once they are failures, all
 * that are sent before the first answer would pass.
 */
export class AttemptCounter extends WindowTable<Attempts> {
  begin(key: string, now: number): Attempts {
    const attempts = this.read(key, now) ?? { taken: 0, failed: 0, resetAt: now + this.windowMs }
    attempts.taken += 1
    this.set(key, attempts)
    return attempts
  }

  /** An attempt ends in the window that it began in, be that over or not. */
  end(key: string, attempts: Attempts, failed: boolean): void {
    if (failed) attempts.failed += 1
    else attempts.taken -= 1
    if (attempts.taken === 0) this.delete(key, attempts)
  }
}
