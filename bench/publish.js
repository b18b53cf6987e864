// Puts results where the docs show them: `node bench/publish.js bench/results/<file>.json`.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MAIN_WORKLOAD } from './plan.js'
import { chart } from './report/chart.js'
import { table } from './report/table.js'
import { revocationTables } from './revocation/report.js'

const START = /<!-- results of .* -->/
const END = '<!-- end of results -->'

/** What a reader of the README compares; the tables of docs/performance.md have every candidate. */
const CHARTED = new Set([
  'express',
  'ours-bearer',
  'ours-suite-strict',
  'fast-jwt',
  'jose',
  'eojb',
  'express-jwt',
  'passport',
  'usual-suite',
])

const [path] = process.argv.slice(2)
if (process.argv.length < 3)
  throw new Error('Which results? node bench/publish.js bench/results/<file>.json')
const results = JSON.parse(readFileSync(path, 'utf8'))

if (results.propagation === undefined) publishPerformance()
else putInto('revocation.md', revocationTables(results))

function publishPerformance() {
  putInto('performance.md', section())
  const main = results.workloads.find(({ name }) => name === MAIN_WORKLOAD)
  const charted = { ...main, rows: main.rows.filter(({ id }) => CHARTED.has(id)) }
  writeFileSync(new URL('../docs/performance.svg', import.meta.url), chart(charted, results.node))
}

function putInto(name, tables) {
  const page = new URL(`../docs/${name}`, import.meta.url)
  const text = readFileSync(page, 'utf8')
  const [start] = START.exec(text) ?? []
  if (start === undefined) throw new Error(`docs/${name} has no line like ${START}`)
  const before = text.slice(0, text.indexOf(start))
  const after = text.slice(text.indexOf(END))
  const marker = `<!-- results of bench/results/${basename(path)} -->`
  writeFileSync(page, `${before}${marker}\n\n${tables}\n${after}`)
  execFileSync('npx', ['prettier', '--write', fileURLToPath(page)])
}

function section() {
  const { date, node, machine, versions } = results
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const setting = `Measured on ${date}, Node ${node}, ${machine.cpu}, ${machine.cores} cores${
    machine.pinned ? ', server and client each on one of them' : ''
  }. Versions: ${packages.join(', ')}.`
  const tables = results.workloads.map((workload) => table(workload, results.memoryMegabytes))
  return [setting, '', ...tables].join('\n')
}
