// npm run house: the rooms of lib/ in figures, and their table for CONTRIBUTING. Fails where an import
// runs up, round a circle, or past the table, where a file or a function is too long, where a file has no
// suite, or where a public signature mentions a type that no entry exports. `--check` prints only what is
// wrong.
import { readFileSync } from 'node:fs'
import { ROOT } from '../../tools/run-jest.js'
import { figuresOf } from './figures.js'
import { listFiles, readHouse } from './graph.js'
import { roomsTable, showsRooms } from './page.js'
import { brokenTypes } from './public-types.js'
import { brokenRules } from './rules.js'
import { brokenSuites } from './suites.js'

const check = process.argv.includes('--check')
const files = readHouse(ROOT)
const pages = ['docs', 'README.md'].flatMap((place) => listFiles(ROOT, place))
const docs = pages
  .filter((path) => path.endsWith('.md'))
  .map((path) => readFileSync(`${ROOT}${path}`, 'utf8'))
const broken = [
  ...brokenRules(files),
  ...brokenSuites(files, listFiles(ROOT, 'test')),
  ...brokenTypes(ROOT, docs.join('\n')),
]
if (!showsRooms(`${ROOT}CONTRIBUTING.md`))
  broken.push('CONTRIBUTING.md shows another table of rooms')

if (!check) {
  console.log(figuresOf(files).join('\n'))
  console.log(`\n${roomsTable()}\n\n${broken.length} faults`)
}
for (const rule of broken) console.error(rule)
process.exitCode = broken.length > 0 ? 1 : 0
