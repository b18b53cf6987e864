import type { Clock } from '../../../core/clock.js'
import type { Session } from './session.js'

/**
 * Sessions of which this process read the record just now. The denylist is asked before one is used:
 * by it a logout anywhere ends a copy everywhere.
 */
export interface SessionCopies {
  find(key: string): Session | undefined
  /** @param chars The length of its record. */
  keep(session: Session, chars: number): void
  forget(key: string): void
}

/** The longest that a copy is taken for the session, in seconds. */
const COPY_SECONDS = 10
const MAX_COPIES = 10_000
const MAX_CHARS = 16_777_216

interface Copy {
  readonly session: Session
  readonly chars: number
  readonly keptAt: number
}

/** @param idleMs A copy is good for a tenth of it at most: only the store puts the idle end off. */
export function createSessionCopies(clock: Clock, idleMs: number): SessionCopies {
  const seconds = Math.min(COPY_SECONDS, idleMs / 10_000)
  // In the order in which they end.
  const copies = new Map<string, Copy>()
  let total = 0

  function forget(key: string): void {
    total -= copies.get(key)?.chars ?? 0
    copies.delete(key)
  }

  /** A clock that was set back must not make it good for longer. */
  function isGood({ keptAt, session }: Copy, now: number): boolean {
    return now >= keptAt && now < keptAt + seconds && now < session.expiresAt
  }

  return {
    find(key) {
      const copy = copies.get(key)
      if (copy === undefined) return undefined
      if (isGood(copy, clock())) return copy.session
      forget(key)
      return undefined
    },
    keep(session, chars) {
      const now = clock()
      forget(session.key)
      copies.set(session.key, { session, chars, keptAt: now })
      total += chars
      for (const [key, copy] of copies) {
        const fits = copies.size <= MAX_COPIES && total <= MAX_CHARS
        if (fits && isGood(copy, now)) break
        forget(key)
      }
    },
    forget,
  }
}
