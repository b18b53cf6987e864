import type { AuthErrorCode } from '../codes.js'

/** Why a request was refused, explained to a developer: one short sentence each. */
export interface ReasonRow {
  /** The wire codes that the package sends with it, most usual first. */
  readonly codes: readonly AuthErrorCode[]
  readonly meaning: string
  /** The most likely cause. */
  readonly cause: string
  readonly fix: string
}
