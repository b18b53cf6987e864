import { codeRow, type AuthErrorCode } from '../../lib/core/verdicts/codes.js'
import { ACCESS_REASONS } from '../../lib/core/verdicts/reasons/access.js'
import { CSRF_REASONS } from '../../lib/core/verdicts/reasons/csrf.js'
import { INTROSPECTION_REASONS } from '../../lib/core/verdicts/reasons/introspection.js'
import { KEY_REASONS } from '../../lib/core/verdicts/reasons/key.js'
import { PROOF_REASONS } from '../../lib/core/verdicts/reasons/proof.js'
import { REQUEST_REASONS } from '../../lib/core/verdicts/reasons/request.js'
import { REVOCATION_REASONS } from '../../lib/core/verdicts/reasons/revocation.js'
import type { ReasonRow } from '../../lib/core/verdicts/reasons/row.js'
import { SESSION_REASONS } from '../../lib/core/verdicts/reasons/session.js'
import { SIGNAL_REASONS } from '../../lib/core/verdicts/reasons/signal.js'
import { TOKEN_REASONS } from '../../lib/core/verdicts/reasons/token.js'
import { WARNING_ROWS, type WarningRow } from '../../lib/core/events/warnings.js'

const WINGS: readonly (readonly [title: string, rows: Readonly<Record<string, ReasonRow>>])[] = [
  ['How the credential comes', REQUEST_REASONS],
  ['The token', TOKEN_REASONS],
  ['Signature and keys', KEY_REASONS],
  ['Introspection', INTROSPECTION_REASONS],
  ['Proof of possession', PROOF_REASONS],
  ['Access', ACCESS_REASONS],
  ['Revocation', REVOCATION_REASONS],
  ['Requests from other sites', CSRF_REASONS],
  ['Logins and sessions', SESSION_REASONS],
  ['Signals of others', SIGNAL_REASONS],
]

const INTRO = `# Reasons and warnings

Each refusal has a reason, in the \`request.refused\` [event](../README.md#events) and on the \`AuthError\`. Clients are told the code alone. Each reason has an anchor here: \`docs/reasons.md#expired\`. The \`detail\` beside it says what came.

Written by \`npm run docs:reasons\` from \`lib/core/verdicts/reasons/\` and \`lib/core/events/warnings.ts\`; do not edit.

The status is that of the guards. \`backChannelLogout\` answers 400 in every case, as its standard wants, and \`sharedSignals\` 400 in every case but an outage. An app may raise an \`AuthError\` of its own with any of these reasons.`

const WARNINGS = `## Process warnings

Node prints them to stderr, and \`process.on('warning')\` gets them with this \`code\`.`

/** The text of docs/reasons.md. */
export function reasonsPage(): string {
  const wings = WINGS.flatMap(([title, rows]) => [
    `## ${title}`,
    ...Object.entries(rows).map(([reason, row]) => section(reason, row, [answers(row)])),
  ])
  const warnings = Object.entries(WARNING_ROWS).map(([code, row]) => section(code, row, []))
  return `${[INTRO, ...wings, WARNINGS, ...warnings].join('\n\n')}\n`
}

function section(name: string, row: WarningRow, before: readonly string[]): string {
  const lines = [...before, `- Likely cause: ${prose(row.cause)}`, `- Fix: ${prose(row.fix)}`]
  return [`### ${name}`, prose(row.meaning), lines.join('\n')].join('\n\n')
}

function answers({ codes }: ReasonRow): string {
  return `- Answer: ${codes.map(answer).join(', or ')}`
}

function answer(code: AuthErrorCode): string {
  const row = codeRow(code)
  const hint = row?.retry === true ? ' with `Retry-After`' : ''
  return `${row?.status} \`${code}\`${hint}`
}

/** Quoted names become code, so that Markdown reads nothing into their underscores and brackets. */
function prose(text: string): string {
  return text.replace(/"([^"]+)"/g, '`$1`')
}
