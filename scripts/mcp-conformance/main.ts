/* `npm run test:mcp`: the conformance suite of MCP against our reference server behind protectMcp. */
import { faultsIn, type Checks } from './faults.js'
import { runSuite, scenariosForServers, SUITE, VERSION, type Report } from './run-suite.js'
import { startServers } from './servers.js'

/** Everything at the newest revision that it is for, and again what each revision has. */
const RUNS = {
  all: ['--suite', 'all'],
  '2025-06-18': ['--suite', 'all', '--spec-version', '2025-06-18'],
  '2025-11-25': ['--requirements', '2025-11-25'],
  '2026-07-28': ['--requirements', '2026-07-28'],
} as const
type Run = keyof typeof RUNS

/** As many as the suite has for servers. A new version has more: with tokens, once it can send them. */
const SCENARIOS = 65

const servers = await startServers()
const reports = new Map<Run, Report>()
const problems: string[] = []

/** One after another: the suite itself waits half a second for some answers, and no longer. */
async function runInTurn(...runs: readonly Run[]): Promise<void> {
  for (const run of runs) reports.set(run, await runSuite(servers.guarded, RUNS[run]))
}

/** Once more, where a busy machine may have been the reason; and without the guard, to tell whose fault it is. */
async function again(run: Run, scenario: string): Promise<void> {
  const args = ['--scenario', scenario, ...(run === 'all' ? [] : ['--spec-version', run])]
  const one = async (url: string): Promise<Checks> =>
    (await runSuite(url, args)).get(scenario) ?? []
  const faults = faultsIn(scenario, await one(servers.guarded))
  if (faults.length === 0) return
  const alone = faultsIn(scenario, await one(servers.alone))
  const whose = alone.length === 0 ? 'passes without the guard' : 'fails without the guard as well'
  problems.push(`${run}, ${scenario} ${whose}: ${faults.join('; ')}`)
}

function cell(checks: Checks | undefined): string {
  if (checks === undefined) return ''
  const judged = checks.filter(({ status }) => status !== 'INFO' && status !== 'SKIPPED')
  const passed = judged.filter(({ status }) => status === 'SUCCESS')
  return judged.length === 0 ? 'skipped' : `${passed.length} of ${judged.length}`
}

await Promise.all([runInTurn('all'), runInTurn('2025-06-18', '2025-11-25', '2026-07-28')])
for (const [run, report] of reports) {
  for (const [scenario, checks] of report) {
    if (faultsIn(scenario, checks).length > 0) await again(run, scenario)
  }
}
await servers.close()

const scenarios = await scenariosForServers()
if (scenarios.length !== SCENARIOS) {
  problems.push(`the suite has ${scenarios.length} scenarios for servers, not ${SCENARIOS}`)
}
const notRun = scenarios.filter((scenario) => reports.get('all')?.has(scenario) !== true)
if (notRun.length > 0) problems.push(`not run: ${notRun.join(', ')}`)

const row = (scenario: string) =>
  Object.fromEntries([...reports].map(([run, report]) => [run, cell(report.get(scenario))]))
console.table(Object.fromEntries(scenarios.map((scenario) => [scenario, row(scenario)])))
for (const problem of problems) console.error(problem)
const done = problems.length === 0 ? 'all pass' : `${problems.length} problems`
console.log(`${SUITE} ${VERSION}: ${scenarios.length} scenarios behind protectMcp, ${done}`)
process.exitCode = problems.length === 0 ? 0 : 1
