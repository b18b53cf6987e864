// npm run house: the rooms of lib/ in figures, and their table for CONTRIBUTING. Fails where an import
// runs up, round a circle, or past the table, or a function is too long. `--check` prints only what is wrong.
import { ROOT } from '../../tools/run-jest.js'
import { readHouse, type SourceFile } from './graph.js'
import { roomsTable, showsRooms } from './page.js'
import { brokenRules } from './rules.js'

const check = process.argv.includes('--check')
const files = readHouse(ROOT)
const broken = [...brokenRules(files)]
if (!showsRooms(`${ROOT}CONTRIBUTING.md`))
  broken.push('CONTRIBUTING.md shows another table of rooms')

if (!check) {
  for (const folder of new Set(files.map((file) => file.folder).toSorted())) {
    const inside = files.filter((file) => file.folder === folder)
    console.log(`${String(inside.length).padStart(3)} files, ${figures(inside)}  lib/${folder}`)
  }
  console.log(`${String(files.length).padStart(3)} files, ${figures(files)}  in all`)
  console.log(`\n${roomsTable()}\n\n${broken.length} faults`)
}
for (const rule of broken) console.error(rule)
process.exitCode = broken.length > 0 ? 1 : 0

function figures(some: readonly SourceFile[]): string {
  const sizes = some.map(({ codeLines }) => codeLines).toSorted((a, b) => a - b)
  const median = sizes[Math.floor(sizes.length / 2)] ?? 0
  return `code lines: median ${String(median).padStart(3)}, most ${String(sizes.at(-1) ?? 0).padStart(3)}`
}
