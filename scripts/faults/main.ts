// `npm run faults`: what each fault makes of our two modes, and of a naive client for comparison.
//   --short          a few faults in one process, for the test suite
//   --only <text>    faults whose name contains it
//   --part <what>    `revocations` or `logins`: families and sessions; both otherwise
//   --large          also those that take minutes and gigabytes
//   --client node-redis   gives the stores clients of node-redis; ioredis otherwise
//   --save           writes results/<date>.json, and the table into docs/revocation.md; whole runs only
import { parseArgs } from 'node:util'
import { messageOf } from '../../lib/core/values.js'
import { findRedisBinary } from '../../tools/redis-server.js'
import { playLogins } from './logins/main.js'
import { CLIENT_VARIABLE } from './protocol.js'
import { complaintsAbout, table, type Result } from './report.js'
import { save } from './results.js'
import { CLOCK_SCENARIOS } from './rows/clocks.js'
import { CLUSTER_SCENARIOS } from './rows/cluster.js'
import { DATA_SCENARIOS } from './rows/data.js'
import { LOOP_SCENARIOS } from './rows/loops.js'
import { NETWORK_SCENARIOS } from './rows/network.js'
import { PROCESS_SCENARIOS } from './rows/processes.js'
import { REFUSAL_SCENARIOS } from './rows/refusals.js'
import { SENTINEL_SCENARIOS } from './rows/sentinel.js'
import { runScenario, type Scenario } from './run.js'

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    part: { type: 'string', default: 'both' },
    client: { type: 'string', default: 'ioredis' },
    large: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
  },
})

if (options.save && (options.short || options.only !== '' || options.part === 'logins')) {
  throw new Error(
    'A part of the matrix is not written down: --save goes with neither --short nor --only',
  )
}

if (!['ioredis', 'node-redis'].includes(options.client)) {
  throw new Error(`--client must be ioredis or node-redis, not ${options.client}`)
}
process.env[CLIENT_VARIABLE] = options.client

if (!['revocations', 'logins', 'both'].includes(options.part)) {
  throw new Error(`--part must be revocations, logins or both, not ${options.part}`)
}

/** Most of a scenario is waiting, so that two at a time do not disturb each other on two cores. */
const AT_A_TIME = 2

const scenarios = [
  ...DATA_SCENARIOS,
  ...NETWORK_SCENARIOS,
  ...REFUSAL_SCENARIOS,
  ...CLOCK_SCENARIOS,
  ...PROCESS_SCENARIOS,
  ...LOOP_SCENARIOS,
  ...SENTINEL_SCENARIOS,
  ...CLUSTER_SCENARIOS,
]
  .filter(() => options.part !== 'logins')
  .filter(({ short }) => !options.short || short === true)
  .filter(({ large }) => options.large || large !== true)
  .filter(({ name }) => name.includes(options.only))

// Each server of a topology is ended when this process ends.
process.setMaxListeners(50)
if (findRedisBinary() === undefined) throw new Error('redis-server is not on PATH')

async function play(scenario: Scenario): Promise<Result> {
  const lacking = scenario.needs?.()
  if (lacking !== undefined) return { scenario, lacking }
  const workers = options.short ? 1 : 2
  try {
    // A port that was free may be taken by the time a server wants it.
    const again = (): ReturnType<typeof runScenario> => runScenario(scenario, workers)
    return { scenario, outcomes: await again().catch(again) }
  } catch (error) {
    return { scenario, lacking: messageOf(error), failed: true }
  }
}

const results: Result[] = []
const waiting = scenarios.entries()
let done = 0

async function playOn(): Promise<void> {
  for (const [index, scenario] of waiting) {
    const result = await play(scenario)
    results[index] = result
    done += 1
    if (options.short) continue
    const trouble = complaintsAbout(result).length === 0 ? '' : ', NOT as promised'
    process.stderr.write(`${done} of ${scenarios.length}: ${scenario.name}${trouble}\n`)
  }
}

const startedAt = Date.now()
await Promise.all(Array.from({ length: AT_A_TIME }, playOn))
if (results.length > 0) process.stdout.write(`${table(results)}\n`)
const withLogins = options.part !== 'revocations' && !options.short
const logins = withLogins ? await playLogins(options.only) : { played: 0, complaints: [] }
const complaints = [...results.flatMap(complaintsAbout), ...logins.complaints]
for (const complaint of complaints) process.stdout.write(`\n${complaint}`)
const minutes = ((Date.now() - startedAt) / 60_000).toFixed(1)
process.stdout.write(
  `\n${complaints.length === 0 ? 'All as promised' : `${complaints.length} complaints`}: ${done + logins.played} faults in ${minutes} minutes\n`,
)
if (options.save) save(results, options.client)
process.exit(complaints.length === 0 ? 0 : 1)
