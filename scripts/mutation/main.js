// Mutation testing of a folder of lib/, or of files in it: `npm run mutation -- guards/csrf`,
// `npm run mutation -- http/answer/answer.ts http/answer/page.ts`. Each file is judged by the suites at
// its path; with `--wide` by all suites of its room and of those inside it. Other flags, such as
// `--concurrency=1`, go to Stryker. What came of it: docs/mutation.md.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Starting a Redis for each mutant would take days, and a property of many runs hours. */
const SLOW = /redis-(server|under-test|topologies|clients)/

const given = process.argv.slice(2)
const targets = given.filter((argument) => !argument.startsWith('--'))
const isWide = given.includes('--wide')
const flags = given.filter((argument) => argument.startsWith('--') && argument !== '--wide')
const [folder = ''] = (targets[0] ?? '').split('/')
const areKnown = targets.every((name) => name.startsWith(folder) && existsSync(join('lib', name)))
if (folder === '' || !areKnown) {
  console.error('Name a folder of lib/, or files in one')
  process.exit(1)
}

const config = JSON.parse(readFileSync('stryker.config.json', 'utf8'))
config.mutate = targets.map((target) =>
  target.endsWith('.ts') ? `lib/${target}` : `lib/${target}/**/*.ts`,
)
config.incrementalFile = `coverage/mutation/${folder}.json`
config.jsonReporter = { fileName: 'coverage/mutation/latest.json' }
config.jest.config = {
  runner: join(import.meta.dirname, 'runner.js'),
  testEnvironment: join(import.meta.dirname, 'environment.cjs'),
  testTimeout: 10_000,
  testMatch: targets.flatMap(suitesOf),
  testPathIgnorePatterns: slowSuites(),
}
mkdirSync('coverage/mutation', { recursive: true })
if (existsSync(config.incrementalFile)) forgetDoubtful(config.incrementalFile)
writeFileSync('coverage/stryker.json', JSON.stringify(config))
const args = ['--no-install', 'stryker', 'run', 'coverage/stryker.json', ...flags]
// A property finds in 20 runs what no example found, or hardly ever.
const env = { FUZZ_RUNS: '20', ...process.env }
process.exit(spawnSync('npx', args, { stdio: 'inherit', env }).status ?? 1)

/** `lib/a/b.ts` is judged by `test/a/b.test.ts` and `test/a/b.<aspect>.test.ts`. */
function suitesOf(target) {
  const path = target.replace(/\.ts$/, '')
  if (isWide) return [`**/test/${target.endsWith('.ts') ? dirname(path) : path}/**/*.test.ts`]
  if (target.endsWith('.ts')) return [`**/test/${path}.test.ts`, `**/test/${path}.*.test.ts`]
  return filesIn('lib', path).flatMap((name) => suitesOf(join(path, name)))
}

function filesIn(...place) {
  const names = readdirSync(join(...place), { recursive: true })
  return names.filter((name) => name.endsWith('.ts'))
}

function slowSuites() {
  return filesIn('test')
    .filter((name) => isWeighing(name) || SLOW.test(readFileSync(join('test', name), 'utf8')))
    .map((name) => `/test/${name.replaceAll('.', '\\.')}$`)
}

/** They measure the heap of a process of its own, for a minute, and no mutant is in that one. */
function isWeighing(name) {
  return name.endsWith('.weight.test.ts')
}

/**
 * Some results are judged again in each run: timeouts, which a busy machine makes by itself, and
 * survivors that run while a module loads, which Stryker does not connect with new tests.
 */
function forgetDoubtful(path) {
  const results = JSON.parse(readFileSync(path, 'utf8'))
  for (const [name, file] of Object.entries(results.files)) {
    if (!targets.some((target) => name.startsWith(`lib/${target}`))) continue
    file.mutants = file.mutants.filter((mutant) => {
      const { status } = mutant
      return status !== 'Timeout' && !(status === 'Survived' && mutant.static)
    })
  }
  writeFileSync(path, JSON.stringify(results))
}
