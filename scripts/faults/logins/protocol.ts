import type { Target } from '../protocol.js'

/** Logins that a fault may hurt: refresh-token families, and sessions of a token handler. */
export const KINDS = ['families', 'sessions'] as const
export type Kind = (typeof KINDS)[number]

export type ToWorker = { readonly target: Target } | { readonly report: true }

export type FromWorker = { readonly ready: true } | { readonly report: Reports }

export type Reports = Readonly<Record<Kind, Report>>

export interface Report {
  /** Rotations, or renewals. */
  readonly renewed: number
  /** Logouts and thefts that were confirmed. */
  readonly ended: number
  /** Uses of a login that began after its end was confirmed, and succeeded. */
  readonly revived: number
  /** Logins that were refused although nobody ended them, by their reasons. */
  readonly lost: Readonly<Record<string, number>>
  /** Racers who were given different successors, or a refresh token that was used twice at the issuer. */
  readonly twice: number
  readonly longestGapMs: number
  readonly lastGapEndedAt: number
  readonly lastUsedMsAgo: number
}
