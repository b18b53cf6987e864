// npm run house: the rooms of lib/ in figures, and their table for CONTRIBUTING. Fails where an import
// runs up, round a circle, or past the table, where a function is too long, or where a file has no suite.
// `--check` prints only what is wrong; `--shrink` takes files that have a suite now off the list of exceptions.
import { writeFileSync } from 'node:fs'
import { ROOT } from '../../tools/run-jest.js'
import { figuresOf } from './figures.js'
import { listFiles, readHouse } from './graph.js'
import { roomsTable, showsRooms } from './page.js'
import { brokenRules } from './rules.js'
import { brokenSuites, lacksSuite, readWithoutSuite, WITHOUT_SUITE } from './suites.js'

const check = process.argv.includes('--check')
const files = readHouse(ROOT)
const lacking = lacksSuite(files, listFiles(ROOT, 'test'))
if (process.argv.includes('--shrink')) {
  const left = readWithoutSuite(ROOT).filter((path) => lacking.includes(path))
  writeFileSync(`${ROOT}${WITHOUT_SUITE}`, left.map((path) => `${path}\n`).join(''))
}
const broken = [...brokenRules(files), ...brokenSuites(lacking, readWithoutSuite(ROOT))]
if (!showsRooms(`${ROOT}CONTRIBUTING.md`))
  broken.push('CONTRIBUTING.md shows another table of rooms')

if (!check) {
  console.log(`${figuresOf(files).join('\n')}\n${lacking.length} files that run have no suite`)
  console.log(`\n${roomsTable()}\n\n${broken.length} faults`)
}
for (const rule of broken) console.error(rule)
process.exitCode = broken.length > 0 ? 1 : 0
