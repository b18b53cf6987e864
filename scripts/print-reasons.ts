// Writes docs/reasons.md: each reason of a refusal and each process warning, with its likely cause
// and the fix. test/core/verdicts/reasons.test.ts fails where the file differs from the rows.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { reasonsPage } from '../tools/docs/reasons-page.js'
import { ROOT } from '../tools/run-jest.js'

writeFileSync(join(ROOT, 'docs/reasons.md'), reasonsPage())
console.log('docs/reasons.md written')
