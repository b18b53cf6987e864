import type { Outcome, Outcomes, Scenario } from './run.js'

export type Result =
  | { readonly scenario: Scenario; readonly outcomes: Outcomes }
  /** Not run, as it was foreseen or because of an error. */
  | { readonly scenario: Scenario; readonly lacking: string; readonly failed?: true }

/** What is not as it must be. */
export function complaintsAbout(result: Result): string[] {
  if (!('outcomes' in result)) {
    const { scenario, lacking, failed } = result
    return failed ? [`${scenario.name}: could not be played: ${lacking}`] : []
  }
  const { scenario, outcomes } = result
  const { name, naive } = scenario
  const found: string[] = []
  for (const client of ['strict', 'replicated'] as const) {
    const { violations, recovered, confirmed, checks } = outcomes[client]
    if (violations > 0) found.push(`${name}: ${client} let in ${violations} revoked tokens`)
    if (!recovered) found.push(`${name}: ${client} does not serve again`)
    if (confirmed < 20 || checks < 100) found.push(`${name}: ${client} was hardly used`)
  }
  const { violations, answered } = outcomes.naive
  if (naive === 'hurt' && violations === 0) found.push(`${name}: the oracle saw no naive mistake`)
  // On a busy machine its timeout runs out without any fault.
  if (naive === 'unhurt' && answered > 0) {
    found.push(`${name}: the oracle sees mistakes where none are`)
  }
  return found
}

const HEAD = [
  'fault',
  'strict',
  'longest gap',
  'back after',
  'replicated',
  'longest gap',
  'back after',
  'naive',
]

export function table(results: readonly Result[]): string {
  const rows = [HEAD, HEAD.map((_, index) => (index === 0 ? '---' : '--:')), ...results.map(row)]
  const widths = HEAD.map((_, index) => Math.max(...rows.map((cells) => cells[index]!.length)))
  const lines = rows.map(
    (cells) => `| ${cells.map((cell, index) => cell.padEnd(widths[index]!)).join(' | ')} |`,
  )
  const limits = results.flatMap(({ scenario: { name, limit } }) =>
    limit === undefined ? [] : [`- **${name}**: ${limit}`],
  )
  return [...lines, '', ...limits].join('\n')
}

function row(result: Result): string[] {
  const { name, limit, naive } = result.scenario
  const title = limit === undefined ? name : `${name} (\\*)`
  if (!('outcomes' in result)) return [title, `not run: ${result.lacking}`, '', '', '', '', '', '']
  const { outcomes } = result
  const { violations } = outcomes.naive
  return [
    title,
    ...cellsOf(outcomes.strict),
    ...cellsOf(outcomes.replicated),
    naive === 'unhurt' ? `${violations}, not meant to hurt it` : String(violations),
  ]
}

function cellsOf(outcome: Outcome): string[] {
  const { violations, withinLimit, longestGapMs, backAfterMs, recovered } = outcome
  return [
    withinLimit === 0 ? String(violations) : `${violations} (limit: ${withinLimit})`,
    seconds(longestGapMs),
    recovered ? seconds(backAfterMs) : 'still out',
  ]
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`
