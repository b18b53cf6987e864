// Measures this package beside its peers: `npm run bench`, or `npm run bench -- --quick`.
// docs/performance.md says how, and why so.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startRedis } from '../tools/redis-server.ts'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    node: { type: 'string', multiple: true },
    only: { type: 'string', multiple: true },
    workload: { type: 'string' },
    // A checkout with a build in dist/, to measure beside this one.
    before: { type: 'string' },
    'no-setup': { type: 'boolean', default: false },
  },
})

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('..', import.meta.url))
const run = (args, cwd) =>
  execFileSync('npm', args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })

if (!options['no-setup']) {
  if (!existsSync(`${here}node_modules`)) run(['ci', '--no-audit', '--no-fund'], here)
  run(['run', 'build'], root)
}

if (options.before !== undefined) process.env.BENCH_BEFORE = resolve(options.before)
// Peers and build are there only now.
const { measureNode } = await import('./measure-node.js')
const { planFor } = await import('./plan.js')
const { startClient, moveToClientCore } = await import('./processes.js')
const { writeReport } = await import('./report/write.js')

const NODES = { 24: `${here}node_modules/node/bin/node`, own: process.execPath }

const plan = planFor({ quick: options.quick, seconds: numberOf(options.seconds) })
const workloads = plan.workloads.filter(({ name }) => name.includes(options.workload ?? ''))
// Processes that are started from here on stay on this core, unless they are told otherwise.
moveToClientCore()
const redis = await startRedis()
const client = await startClient()
try {
  for (const name of options.node ?? plan.nodes) {
    const results = await measureNode({
      ...plan,
      workloads,
      client,
      node: NODES[name],
      only: options.only,
      redisUrl: redis.url,
    })
    const { path, tables } = writeReport(results, (options.only ?? options.before) !== undefined)
    console.log(`\n${tables.join('\n')}\nWritten to ${path}`)
  }
} finally {
  client.stop()
  await redis.stop()
}

function numberOf(text) {
  return text === undefined ? undefined : Number(text)
}
