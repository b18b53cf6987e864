// `npm run faults`: what each fault makes of our two modes, and of a naive client for comparison.
//   --short          a few faults in one process, for the test suite
//   --only <text>    faults whose name contains it
import { parseArgs } from 'node:util'
import { findRedisBinary } from '../redis-server.js'
import { runScenario, type Outcome, type Outcomes, type Scenario } from './run.js'
import { CLUSTER_SCENARIOS, SENTINEL_SCENARIOS } from './failovers.js'
import { STANDALONE_SCENARIOS } from './scenarios.js'

const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
})

const scenarios = [...STANDALONE_SCENARIOS, ...SENTINEL_SCENARIOS, ...CLUSTER_SCENARIOS]
  .filter(({ short }) => !values.short || short === true)
  .filter(({ name }) => name.includes(values.only))

if (findRedisBinary() === undefined) throw new Error('redis-server is not on PATH')
process.stdout.write(
  'Violations: revoked tokens let in by a check that began after the revocation was confirmed\n(replicated: more than 1000 ms after). Gap: longest time without letting in a good token.\n\n',
)
process.stdout.write(row('fault', 'strict', 'replicated', 'naive, fails open'))
process.stdout.write(row('---', '---', '---', '---'))
const complaints: string[] = []
for (const scenario of scenarios) {
  const outcomes = await runScenario(scenario, values.short ? 1 : 2)
  const { strict, replicated, naive } = outcomes
  process.stdout.write(row(scenario.name, show(strict), show(replicated), show(naive)))
  complaints.push(...complaintsAbout(scenario, outcomes))
}
for (const complaint of complaints) process.stdout.write(`\n${complaint}`)
process.stdout.write(complaints.length === 0 ? '\nAll as promised\n' : '\n')
process.exit(complaints.length === 0 ? 0 : 1)

function complaintsAbout({ name, naive }: Scenario, outcomes: Outcomes): string[] {
  const found: string[] = []
  for (const client of ['strict', 'replicated'] as const) {
    const { violations, recovered, confirmed, checks } = outcomes[client]
    if (violations > 0) found.push(`${name}: ${client} let in ${violations} revoked tokens`)
    if (!recovered) found.push(`${name}: ${client} does not serve again`)
    if (confirmed < 20 || checks < 100) found.push(`${name}: ${client} was hardly used`)
  }
  const { violations } = outcomes.naive
  if (naive === 'hurt' && violations === 0) found.push(`${name}: the oracle saw no naive mistake`)
  if (naive === 'unhurt' && violations > 0)
    found.push(`${name}: the oracle sees mistakes where none are`)
  return found
}

function show({ violations, longestGapMs, recovered }: Outcome): string {
  const gap = `${(longestGapMs / 1000).toFixed(2)} s`
  return `${violations}, ${gap}${recovered ? '' : ', still out'}`
}

function row(...cells: string[]): string {
  return `| ${cells.map((cell, index) => cell.padEnd(index === 0 ? 45 : 20)).join(' | ')} |\n`
}
