import { WindowTable, type Window } from './window-table.js'

/** Failures of one key in a window that begins with the first of them. */
export interface Failures extends Window {
  readonly count: number
}

/** Counts failures in this process. */
export class FailureCounter extends WindowTable<Failures> {
  add(key: string, now: number): Failures {
    const known = this.read(key, now)
    const failures =
      known === undefined
        ? { count: 1, resetAt: now + this.windowMs }
        : { ...known, count: known.count + 1 }
    this.set(key, failures)
    return failures
  }

  /** Takes over what others have counted, where that is more. */
  raise(key: string, others: Failures, now: number): void {
    const own = this.read(key, now)
    if (own === undefined || own.count < others.count) this.set(key, others)
  }
}
