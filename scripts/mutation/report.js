// Prints what mutation runs have found so far, as the tables of docs/mutation.md:
// `node scripts/mutation/report.js` by folder, `... tokens` by file, with the survivors.
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const only = process.argv.at(2)
const COLUMNS = ['Killed', 'Timeout', 'Survived', 'NoCoverage', 'RuntimeError', 'Ignored']

for (const folder of only === undefined ? readdirSync('lib') : [only]) {
  const path = `coverage/mutation/${folder}.json`
  if (!existsSync(path)) continue
  const files = Object.entries(JSON.parse(readFileSync(path, 'utf8')).files)
  const all = files.flatMap(([, { mutants }]) => mutants)
  row(`${folder}/`, all)
  if (only === undefined) continue
  for (const [name, { mutants, source }] of files) {
    if (mutants.length === 0) continue
    row(name.replace('lib/', ''), mutants)
    for (const mutant of mutants) if (lives(mutant)) print(mutant, source.split('\n'))
  }
}

function row(name, mutants) {
  const counts = COLUMNS.map((status) => mutants.filter((one) => one.status === status).length)
  const [killed, timeout, survived, uncovered] = counts
  const detected = killed + timeout
  const score = (100 * detected) / (detected + survived + uncovered)
  console.log(`| ${[name, ...counts, `${score.toFixed(1)} %`].join(' | ')} |`)
}

function lives({ status }) {
  return status === 'Survived' || status === 'NoCoverage'
}

function print({ location: { start, end }, mutatorName, replacement }, lines) {
  const last = start.line === end.line ? end.column - 1 : undefined
  const was = lines[start.line - 1].slice(start.column - 1, last)
  console.log(`    ${start.line}:${start.column} ${mutatorName}: ${was} -> ${replacement}`)
}
