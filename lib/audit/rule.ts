import type { GuardFacts, IssuerFacts } from '../http/guard/facts.js'

/**
 * `met`: by this configuration, or by the package whatever is configured. `weak`: allowed, and there is
 * something stronger. `missing`: against the rule. `unknown`: only the app can tell.
 */
export type AuditStatus = 'met' | 'weak' | 'missing' | 'unknown'

/** One rule, and how a configuration stands to it. */
export interface AuditRow {
  /** Where it is written: `RFC 8725 §3.1`. */
  readonly rule: string
  /** What the rule asks for, in a sentence. */
  readonly asks: string
  /** How the configuration stands to it. */
  readonly status: AuditStatus
  /** Why it stands so, with the names of the issuers concerned. */
  readonly why: string
  /** Present unless the rule is met. */
  readonly fix?: string
}

export type BearerFacts = Extract<GuardFacts, { kind: 'bearer' }>

/** All that guards tell, sorted for the rules. */
export interface Configuration {
  readonly bearers: readonly BearerFacts[]
  readonly issuers: readonly IssuerFacts[]
  readonly of: <K extends GuardFacts['kind']>(
    kind: K,
  ) => readonly Extract<GuardFacts, { kind: K }>[]
}

export interface Rating {
  readonly status: AuditStatus
  readonly why: string
}

export interface Rule {
  readonly rule: string
  readonly asks: string
  readonly fix: string
  /** Undefined where the rule is about something that is not there. */
  readonly rate: (configuration: Configuration) => Rating | undefined
}

export const met = (why: string): Rating => ({ status: 'met', why })
export const weak = (why: string): Rating => ({ status: 'weak', why })
export const missing = (why: string): Rating => ({ status: 'missing', why })
export const unknown = (why: string): Rating => ({ status: 'unknown', why })

/** Names the issuers that a rule finds wanting. */
export function namesOf(issuers: readonly IssuerFacts[]): string {
  return issuers.map(({ issuer }) => issuer).join(', ')
}
