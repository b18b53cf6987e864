import { USER_AGENT } from '../net/user-agent.js'
import type { Finding, Status } from './finding.js'

/** What is printed: a line of a stream that may be a terminal. */
export type Output = NodeJS.WriteStream

/** Codes of a terminal. */
const COLOURS = { green: 32, yellow: 33, red: 31, gray: 90 } as const

type Colour = keyof typeof COLOURS

const MARKS: Readonly<Record<Status, readonly [text: string, colour: Colour]>> = {
  ok: ['ok', 'green'],
  warning: ['warning', 'yellow'],
  failed: ['FAILED', 'red'],
  skipped: ['skipped', 'gray'],
}

const MARK_CHARS = 8
const CHECK_CHARS = 11

/** One line for what was found, and one each for cause and fix. */
export function printFinding(
  { check, status, detail, cause, fix, reason }: Finding,
  to: Output,
): void {
  const [mark, colour] = MARKS[status]
  to.write(`${paint(colour, mark.padEnd(MARK_CHARS), to)} ${check.padEnd(CHECK_CHARS)} ${detail}\n`)
  const indent = ' '.repeat(MARK_CHARS + CHECK_CHARS + 2)
  if (cause !== undefined) to.write(`${indent}${paint('gray', 'cause:', to)} ${cause}\n`)
  if (fix !== undefined) to.write(`${indent}${paint('gray', 'fix:', to)}   ${fix}\n`)
  if (reason !== undefined) {
    to.write(`${indent}${paint('gray', `more:  docs/reasons.md#${reason}`, to)}\n`)
  }
}

export function printSummary(findings: readonly Finding[], to: Output): void {
  const count = (status: Status): number => findings.filter((each) => each.status === status).length
  const failed = count('failed')
  const warnings = count('warning')
  const verdict =
    failed === 0 ? paint('green', 'Nothing wrong', to) : paint('red', `${failed} FAILED`, to)
  const more = warnings === 1 ? ', 1 warning' : `, ${warnings} warnings`
  to.write(`\n${verdict}${warnings === 0 ? '' : more}\n`)
}

export function ourVersion(): string {
  return USER_AGENT.split('/')[1] ?? ''
}

export function printJson(findings: readonly Finding[], to: Output): void {
  const ok = findings.every(({ status }) => status !== 'failed')
  to.write(`${JSON.stringify({ version: ourVersion(), ok, findings }, null, 2)}\n`)
}

/** Plain where the stream is no terminal, or NO_COLOR is set; FORCE_COLOR overrides. */
function paint(colour: Colour, text: string, { isTTY }: Output): string {
  const { FORCE_COLOR: forced, NO_COLOR: none, TERM: terminal } = process.env
  const wanted = forced === undefined ? isTTY && !none && terminal !== 'dumb' : forced !== '0'
  return wanted ? `\u001B[${COLOURS[colour]}m${text}\u001B[39m` : text
}
