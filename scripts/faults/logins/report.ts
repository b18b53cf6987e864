import { KINDS } from './protocol.js'
import type { LoginOutcome, LoginOutcomes, LoginScenario } from './run.js'

export type LoginResult =
  | { readonly scenario: LoginScenario; readonly outcomes: LoginOutcomes }
  | { readonly scenario: LoginScenario; readonly failed: string }

/** What is not as it must be. */
export function loginComplaints(result: LoginResult): string[] {
  const { fault, logins } = result.scenario
  if ('failed' in result) return [`logins, ${fault.name}: could not be played: ${result.failed}`]
  return KINDS.flatMap((kind) => {
    const { revived, twice, lost, recovered, renewed, ended } = result.outcomes[kind]
    const found: string[] = []
    if (revived > 0) found.push(`revived ${revived} logins that had ended`)
    if (logins === 'kept' && Object.keys(lost).length > 0) found.push(`lost ${lostText(lost)}`)
    if (logins === 'kept' && twice > 0) found.push(`renewed ${twice} times twice`)
    if (!recovered) found.push('does not serve again')
    if (renewed < 50 || ended < 3) found.push('was hardly used')
    return found.map((text) => `logins, ${fault.name}: ${kind}: ${text}`)
  })
}

const COLUMNS = ['renewed', 'ended', 'revived', 'lost', 'longest gap', 'back after']
const HEAD = ['fault', ...KINDS.flatMap((kind) => [`${kind}: ${COLUMNS[0]}`, ...COLUMNS.slice(1)])]

export function loginTable(results: readonly LoginResult[]): string {
  const lines = [HEAD, HEAD.map((_, index) => (index === 0 ? '---' : '--:')), ...results.map(row)]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function row(result: LoginResult): string[] {
  const { fault, logins } = result.scenario
  const name = logins === 'kept' ? fault.name : `${fault.name} (data are lost)`
  if ('failed' in result) return [name, `not run: ${result.failed}`, ...HEAD.slice(2).map(() => '')]
  return [name, ...KINDS.flatMap((kind) => cellsOf(result.outcomes[kind]))]
}

function cellsOf(outcome: LoginOutcome): string[] {
  const { renewed, ended, revived, lost, longestGapMs, backAfterMs, recovered } = outcome
  return [
    String(renewed),
    String(ended),
    String(revived),
    lostText(lost),
    seconds(longestGapMs),
    recovered ? seconds(backAfterMs) : 'still out',
  ]
}

function lostText(lost: Readonly<Record<string, number>>): string {
  const parts = Object.entries(lost).map(([reason, times]) => `${times} ${reason}`)
  return parts.length === 0 ? '0' : parts.join(', ')
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`
