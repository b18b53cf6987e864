import { channel } from 'node:diagnostics_channel'

/** Beside the one for events: a look-up is no verdict, and comes with every request. */
export const LOOKUP_CHANNEL = 'express-resource-server:lookup'

/** One question to the denylist. */
export interface Lookup {
  readonly durationMs: number
  /** `unavailable`: the store could not tell. */
  readonly outcome: 'good' | 'revoked' | 'unavailable'
}

const lookups = channel(LOOKUP_CHANNEL)

/** Milliseconds, for `lookedUp`; 0 while nobody listens, so that nothing need be made. */
export function lookupStart(): number {
  return lookups.hasSubscribers ? performance.now() : 0
}

/** @param startedAt As `lookupStart` gave it. */
export function lookedUp(startedAt: number, outcome: Lookup['outcome']): void {
  if (startedAt === 0) return
  const lookup: Lookup = { durationMs: performance.now() - startedAt, outcome }
  lookups.publish(lookup)
}
