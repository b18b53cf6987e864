// Writes docs/conformance.md: for each requirement of the standards, the tests that cover it and
// whether they pass. Tests cite ids in their names, like (6750-07) or (7519-06, 9068-09). Ends with
// an error where a test fails, cites an unknown id, or a requirement has neither a test nor a reason.
// Runs the tests that cite ids, or reads the report of a run: npm run conformance -- report.json,
// after npm test -- --json --outputFile=report.json.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readJson, ROOT, runJest, tableCell } from '../tools/run-jest.js'

interface Requirement {
  readonly id: string
  readonly requirement: string
  /** Why no test covers it. */
  readonly notImplemented?: string
}

interface Standard {
  readonly standard: string
  readonly requirements: readonly Requirement[]
}

interface CitingTest {
  readonly name: string
  readonly passed: boolean
}

/** The part of jest's `--json` report that is read here. */
interface JestReport {
  readonly testResults: readonly {
    readonly message: string
    readonly status: string
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[]
      readonly title: string
      readonly status: string
    }[]
  }[]
}

const CITATION = /\(((?:[A-Z0-9]+-\d+)(?:, [A-Z0-9]+-\d+)*)\)/g

const standards = readJson(join(ROOT, 'scripts/conformance-requirements.json')) as Standard[]
const known = new Set(standards.flatMap(({ requirements }) => requirements.map(({ id }) => id)))

function idsCitedIn(text: string): string[] {
  return [...text.matchAll(CITATION)].flatMap(([, ids = '']) => ids.split(', '))
}

/** Test files that cite a requirement we list; no other file is run. */
function citingFiles(): string[] {
  return readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join('test', name))
    .filter((name) =>
      idsCitedIn(readFileSync(join(ROOT, name), 'utf8')).some((id) => known.has(id)),
    )
}

function runTests(files: readonly string[]): unknown {
  return runJest((path) => ({ args: ['--json', `--outputFile=${path}`, ...files] })).report
}

function testsById(report: JestReport): Map<string, CitingTest[]> {
  const tests = new Map<string, CitingTest[]>()
  for (const { assertionResults } of report.testResults) {
    for (const { ancestorTitles, title, status } of assertionResults) {
      const ids = [...ancestorTitles, title].flatMap(idsCitedIn)
      const name = title.replace(CITATION, '').trim()
      for (const id of new Set(ids)) {
        tests.set(id, [...(tests.get(id) ?? []), { name, passed: status === 'passed' }])
      }
    }
  }
  return tests
}

const MAX_NAMES_SHOWN = 4

function row({ id, requirement, notImplemented }: Requirement, tests: CitingTest[]): string {
  const names = [...new Set(tests.map(({ name }) => name))].toSorted()
  const more = names.length - MAX_NAMES_SHOWN
  const shown = names.slice(0, MAX_NAMES_SHOWN).map(tableCell)
  const listed = more > 0 ? [...shown, `and ${more} more`] : shown
  const passed = tests.filter((test) => test.passed).length
  const result =
    tests.length === 0
      ? `not covered: ${notImplemented ?? 'NO REASON GIVEN'}`
      : verdict(passed, tests)
  return `| ${id} | ${tableCell(requirement)} | ${listed.join('<br>')} | ${tableCell(result)} |`
}

function verdict(passed: number, tests: readonly CitingTest[]): string {
  return passed === tests.length ? `pass (${passed})` : `FAIL (${tests.length - passed})`
}

function render(tests: Map<string, CitingTest[]>): string {
  const covered = [...known].filter((id) => tests.has(id)).length
  const lines = [
    '# Conformance',
    '',
    'What the standards ask of a resource server, and the tests that hold us to it. Written by',
    '`npm run conformance`; do not edit. Requirements are in our own words; the standards decide.',
    '',
    `${covered} of ${known.size} requirements are covered by tests. The others say why not.`,
  ]
  for (const { standard, requirements } of standards) {
    lines.push(
      '',
      `## ${standard}`,
      '',
      '| id | requirement | tests | result |',
      '| --- | --- | --- | --- |',
    )
    for (const item of requirements) lines.push(row(item, tests.get(item.id) ?? []))
  }
  return `${lines.join('\n')}\n`
}

/** What keeps the table from being a proof. */
function complaints(tests: Map<string, CitingTest[]>, report: JestReport): string[] {
  const broken = report.testResults
    .filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
    .map(({ message }) => `A test file did not run: ${message}`)
  const failing = [...tests].flatMap(([id, citing]) =>
    citing.filter(({ passed }) => !passed).map(({ name }) => `${id} fails: ${name}`),
  )
  const unknown = [...tests.keys()]
    .filter((id) => !known.has(id) && prefixes.has(prefixOf(id)))
    .map((id) => `${id} is cited but not in scripts/conformance-requirements.json`)
  const open = standards
    .flatMap(({ requirements }) => requirements)
    .filter(({ id, notImplemented }) => !tests.has(id) && notImplemented === undefined)
    .map(({ id }) => `${id} has neither a test nor a reason`)
  return [...broken, ...failing, ...unknown, ...open]
}

function prefixOf(id: string): string {
  return id.slice(0, id.lastIndexOf('-'))
}

const prefixes = new Set([...known].map(prefixOf))
const [reportPath] = process.argv.slice(2)
const found = reportPath === undefined ? runTests(citingFiles()) : readJson(resolve(reportPath))
const report = found as JestReport
const tests = testsById(report)
writeFileSync(join(ROOT, 'docs/conformance.md'), render(tests))
const problems = complaints(tests, report)
for (const problem of problems) console.error(problem)
console.log(`docs/conformance.md written, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1
