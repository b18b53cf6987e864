// Drives real browsers against real servers on loopback, and prints what each of them did.
//   --only <text>   cases whose name contains it
import { parseArgs } from 'node:util'
import type { Browser } from 'puppeteer-core'
import { launchBrowsers, type RunningBrowser } from './browsers.js'
import { CSRF_CASES } from './csrf-cases.js'
import { startLab, type Lab } from './lab.js'
import { SESSION_CASES } from './session-cases.js'
import { COOKIE_CASES, PAGE_CASES } from './page-cases.js'
import type { Case, Observed } from './visit.js'

const { values: options } = parseArgs({ options: { only: { type: 'string', default: '' } } })
const CASES: readonly Case[] = [
  ...CSRF_CASES,
  ...COOKIE_CASES,
  ...PAGE_CASES,
  ...SESSION_CASES,
].filter(({ name }) => name.includes(options.only))

const lab = await startLab()
const browsers = await launchBrowsers()
const results = await Promise.all(browsers.map((running) => runAll(running, lab)))
await Promise.all(browsers.map((running) => running.close()))
await lab.close()

printTable(browsers, results)
const failures = results.flat().filter(({ passed }) => !passed).length
if (failures > 0 || browsers.length === 0) process.exitCode = 1
console.log(`\n${results.flat().length - failures} passed, ${failures} failed`)

interface Result {
  readonly passed: boolean
  readonly text: string
}

async function runAll({ browser, name }: RunningBrowser, target: Lab): Promise<readonly Result[]> {
  const done: Result[] = []
  for (const [index, item] of CASES.entries()) {
    const id = `${name.split('/')[0]}-${index}`
    done.push(await run(browser, target, item, id))
  }
  return done
}

async function run(browser: Browser, target: Lab, item: Case, id: string): Promise<Result> {
  const context = await browser.createBrowserContext()
  const page = await context.newPage()
  let observed: Observed
  try {
    observed = await item.observe({ page, lab: target, id })
  } catch (error) {
    observed = { outcome: 'error', detail: error instanceof Error ? error.message : String(error) }
  }
  await context.close()
  const passed = observed.outcome === item.expected
  const text = `${observed.outcome} ${observed.detail}`.trim()
  return { passed, text: passed ? text : `FAILED: ${text}` }
}

function printTable(
  columns: readonly RunningBrowser[],
  rows: readonly (readonly Result[])[],
): void {
  const head = ['case', 'expected', ...columns.map(({ name }) => name)]
  const body = CASES.map(({ name, expected }, index) => [
    name,
    expected,
    ...rows.map((column) => column[index]!.text),
  ])
  const widths = head.map((_, index) =>
    Math.max(...[head, ...body].map((row) => row[index]!.length)),
  )
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, index) => cell.padEnd(widths[index]!)).join(' | ')} |`
  console.log(
    [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n'),
  )
}
