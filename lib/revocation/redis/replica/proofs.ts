import type { Timer } from '../../../core/clock.js'
import type { BeatProof } from '../schema/lineage.js'

/** How far the log is applied: all entries up to this one. */
export interface Applied {
  readonly sequence: number
  readonly id: string
}

/** Beats, each of which proves the table fresh as of its sending once all that it saw is applied. */
export interface Proofs {
  readonly fresh: boolean
  /** True while beats have seen more than is applied. */
  readonly waiting: boolean
  add(proof: BeatProof): void
  /** So much is applied by now. */
  prove(applied: Applied | undefined): void
  /** Takes back what was proven, and what waits to be. */
  forget(): void
}

export function createProofs(timer: Timer, stalenessBoundMs: number): Proofs {
  /** Oldest first. */
  let pending: BeatProof[] = []
  let freshAsOf = Number.NEGATIVE_INFINITY
  const isYoung = (sentAt: number): boolean => timer.now() - sentAt <= stalenessBoundMs

  return {
    get fresh() {
      return isYoung(freshAsOf)
    },
    get waiting() {
      return pending.length > 0
    },
    add(proof) {
      // Older ones could prove nothing fresh any more, and would pile up behind a log that hangs.
      pending = pending.filter(({ sentAt }) => isYoung(sentAt))
      pending.push(proof)
    },
    prove(applied) {
      while (pending[0] !== undefined && holds(pending[0], applied)) {
        freshAsOf = pending.shift()!.sentAt
      }
    },
    forget() {
      freshAsOf = Number.NEGATIVE_INFINITY
      pending = []
    },
  }
}

function holds({ position, lastEntry }: BeatProof, applied: Applied | undefined): boolean {
  if (lastEntry === undefined) return true
  if (applied === undefined || isBefore(applied.id, lastEntry)) return false
  return position.sequence <= Math.max(applied.sequence, position.lineage.start)
}

/** Compares ids of log entries, `<milliseconds>-<number>`. */
function isBefore(a: string, b: string): boolean {
  const [timeA = 0, countA = 0] = a.split('-').map(Number)
  const [timeB = 0, countB = 0] = b.split('-').map(Number)
  return timeA === timeB ? countA < countB : timeA < timeB
}
