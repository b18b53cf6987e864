import { expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { ANOMALY_RULES } from '../../../lib/metrics/rules/rule.js'

it.each(ANOMALY_RULES)('%s is explained in the runbook, with its window', (rule) => {
  const text =
    readFileSync('docs/operate.md', 'utf8') + readFileSync('docs/reference/metrics.md', 'utf8')
  expect(text).toContain(`\`${rule}\``)
})
