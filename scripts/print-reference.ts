// Writes what stands in docs/ between `<!-- export: ... -->`, `options` or `members` and `<!-- end -->`,
// from the docstrings in lib/, and the code between `<!-- file: ... -->` and its end: `npm run
// docs:reference`. With `--check` it writes nothing, and fails where a page is not as it would be.
//
// It is not typedoc, which needs a TypeScript with an API, so an older one than that which builds this
// package, and whose pages tell of types where a reader looks for a default.
import { readFileSync, writeFileSync } from 'node:fs'
import { printedPages } from '../tools/docs/reference/pages.js'

const check = process.argv.includes('--check')
for (const { path, printed } of await printedPages()) {
  if (readFileSync(path, 'utf8') === printed) continue
  if (check) {
    console.error(`${path} is not as it would be printed: npm run docs:reference`)
    process.exitCode = 1
  } else {
    writeFileSync(path, printed)
    console.log(path)
  }
}
