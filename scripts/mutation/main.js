// Mutation testing of a folder of lib/, or of files in it: `npm run mutation -- guards/csrf`,
// `npm run mutation -- http/answer/answer.ts http/answer/page.ts`. Each file is judged by the suites at
// its path; with `--wide` by all suites of its room and of those inside it, with `--redis` by those too
// that start a server, but for those of Clusters and Sentinels. Other flags, such as `--concurrency=1`,
// go to Stryker. What came of it: docs/mutation.md.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A server is started for each mutant that no quicker suite kills: with `--redis` alone. */
const SLOW = /redis-(server|under-test|clients)/
/** Half a dozen servers are started: never. */
const SLOWEST = /redis-topologies/

const given = process.argv.slice(2)
const targets = given.filter((argument) => !argument.startsWith('--'))
const isWide = given.includes('--wide')
const isOwn = (argument) => argument === '--wide' || argument === '--redis'
const flags = given.filter((argument) => argument.startsWith('--') && !isOwn(argument))
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
const excluded = slowSuites(given.includes('--redis') ? [SLOWEST] : [SLOW, SLOWEST])
config.suites = targets.flatMap(suitesOf).filter((suite) => !excluded.has(suite))
if (config.suites.length === 0) {
  console.error('No suite at these paths; try --wide')
  process.exit(1)
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
  const isFile = target.endsWith('.ts')
  if (isWide) return suitesIn(isFile ? dirname(path) : path)
  if (!isFile) return filesIn('lib', path).flatMap((name) => suitesOf(join(path, name)))
  return suitesIn(dirname(path)).filter((suite) => {
    const rest = suite.slice(`test/${path}`.length)
    return suite.startsWith(`test/${path}.`) && rest.split('/').length === 1
  })
}

function suitesIn(room) {
  if (!existsSync(join('test', room))) return []
  const names = filesIn('test', room).filter((name) => name.endsWith('.test.ts'))
  return names.map((name) => join('test', room, name))
}

function filesIn(...place) {
  const names = readdirSync(join(...place), { recursive: true })
  return names.filter((name) => name.endsWith('.ts'))
}

function slowSuites(kinds) {
  const paths = filesIn('test').map((name) => join('test', name))
  const isSlow = (source) => kinds.some((kind) => kind.test(source))
  return new Set(paths.filter((path) => isWeighing(path) || isSlow(readFileSync(path, 'utf8'))))
}

/** They measure the heap of a process of its own, for a minute, and no mutant is in that one. */
function isWeighing(name) {
  return name.endsWith('.weight.test.ts')
}

/**
 * Some results are judged again in each run: timeouts, which a busy machine makes by itself, and
 * survivors that run while a module loads, which Stryker does not connect with new tests. It forgets
 * that they are static once a run was about other files; then they are reached by no test.
 */
function forgetDoubtful(path) {
  const results = JSON.parse(readFileSync(path, 'utf8'))
  for (const [name, file] of Object.entries(results.files)) {
    if (!targets.some((target) => name.startsWith(`lib/${target}`))) continue
    file.mutants = file.mutants.filter((mutant) => {
      const { status, coveredBy = [] } = mutant
      const isStatic = mutant.static || coveredBy.length === 0
      return status !== 'Timeout' && !(status === 'Survived' && isStatic)
    })
  }
  writeFileSync(path, JSON.stringify(results))
}
