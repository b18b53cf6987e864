// A link of a page in the package leads to something in the package.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const folder = 'node_modules/express-resource-server'
let links = 0
for (const page of ['README.md', 'SECURITY.md', 'docs/reasons.md']) {
  const text = readFileSync(join(folder, page), 'utf8')
  for (const [link, target] of text.matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
    if (/^https?:/.test(target)) continue
    assert(existsSync(join(folder, dirname(page), target)), `${page}: ${link} leads nowhere`)
    links += 1
  }
}
assert(links > 0)
