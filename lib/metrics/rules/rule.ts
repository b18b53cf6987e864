import type { AuthEvent } from '../../core/events/events.js'

/** The names of alerts; docs/operate.md explains each, with the steps to take. */
export const ANOMALY_RULES = [
  'brute_force',
  'token_spread',
  'revoked_token_used',
  'family_reused',
  'scope_probing',
  'key_outage',
] as const

export type AnomalyRule = (typeof ANOMALY_RULES)[number]

/** An event as a rule sees it. */
export interface Sighting {
  readonly event: AuthEvent
  /** Of whoever sent the request; undefined where there is none, or its host does not say. */
  readonly network: string | undefined
  /** Milliseconds that never run backwards. */
  readonly now: number
}

export interface Finding {
  readonly rule: AnomalyRule
  /** How often it was seen in the window. */
  readonly count: number
  /** 0: once is enough. */
  readonly windowSeconds: number
  /** In words, without ids. */
  readonly detail: string
}

/** Undefined for what is ordinary. An anomaly that goes on is found once in a window. */
export type Rule = (sighting: Sighting) => Finding | undefined
