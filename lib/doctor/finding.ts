import { printable } from '../core/events/printable.js'
import type { AuthErrorReason } from '../core/verdicts/reasons.js'

/** `warning`: works, and will hurt one day. `skipped`: could not be looked at, for a reason told before. */
export type Status = 'ok' | 'warning' | 'failed' | 'skipped'

/** What one look has found. Each text is one line, safe to print, and holds no part of a token. */
export interface Finding {
  readonly check: string
  readonly status: Status
  readonly detail: string
  /** The most likely cause. */
  readonly cause?: string
  readonly fix?: string
  /** docs/reasons.md explains it. */
  readonly reason?: AuthErrorReason
}

/** The cause of what was found, and the fix. */
export type Advice = Pick<Finding, 'cause' | 'fix' | 'reason'>

const MAX_CHARS = 500

export function finding(
  check: string,
  status: Status,
  detail: string,
  { cause, fix, reason }: Advice = {},
): Finding {
  return {
    check,
    status,
    detail: safe(detail),
    ...(cause !== undefined && { cause: safe(cause) }),
    ...(fix !== undefined && { fix: safe(fix) }),
    ...(reason !== undefined && { reason }),
  }
}

/** The sign of sections is our own, in the names of rules. */
function safe(text: string): string {
  return text
    .split('§')
    .map((part) => printable(part, MAX_CHARS))
    .join('§')
}
