import type { RefusalEvent } from '../../core/events/events.js'
import { REASONS } from '../../core/verdicts/reasons.js'

/** What became of a request. `unavailable`: we could not know. */
export type VerdictOutcome = 'accepted' | 'refused' | 'unavailable'

/** Stands for whatever a set of values has no room for. */
export const OTHER = 'other'

/**
 * Lets the first values pass and takes all that come later for one: each value of a label is a series
 * that Prometheus keeps for hours, and tenants may bring issuers without end.
 */
export function cappedLabel(max: number): (value: string) => string {
  const known = new Set<string>()
  return (value) => {
    if (known.has(value)) return value
    if (known.size >= max) return OTHER
    known.add(value)
    return value
  }
}

/** Apps may refuse for reasons of their own, and those may be any text. */
export function reasonLabel(reason: string): string {
  return Object.hasOwn(REASONS, reason) ? reason : OTHER
}

export function outcomeOf({ family }: RefusalEvent): VerdictOutcome {
  return family === 'dependency' ? 'unavailable' : 'refused'
}
