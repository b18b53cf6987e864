import { mkdirSync, writeFileSync } from 'node:fs'
import { MAIN_WORKLOAD } from '../plan.js'
import { chart } from './chart.js'
import { table } from './table.js'

const FOLDER = new URL('../results/', import.meta.url)

/**
 * Writes one Node's results as JSON, as tables, and the main one as a chart. Returns the tables.
 * `rows`: not all that stands in the tables was measured.
 */
export function writeReport(results, rows) {
  mkdirSync(FOLDER, { recursive: true })
  const node = `node${results.node.replace(/^v(\d+).*/, '$1')}`
  const base = `${results.date}-${node}${rows ? '-rows' : ''}`
  const tables = results.workloads.map((workload) => table(workload, results.memoryMegabytes))
  const head = `# ${results.date}, Node ${results.node}, ${results.machine.cpu}\n`
  writeFileSync(new URL(`${base}.json`, FOLDER), `${JSON.stringify(results, undefined, 1)}\n`)
  writeFileSync(new URL(`${base}.md`, FOLDER), [head, ...tables].join('\n'))
  const main = results.workloads.find(({ name }) => name === MAIN_WORKLOAD)
  if (main !== undefined) writeFileSync(new URL(`${base}.svg`, FOLDER), chart(main, results.node))
  return { path: `bench/results/${base}.json`, tables }
}
