// Mutation testing of a folder of lib/, or of files in it: `npm run mutation -- tokens`,
// `npm run mutation -- http/challenge.ts http/cookies.ts`. Flags such as `--concurrency=1` go to
// Stryker. What came of it: docs/mutation.md.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Quick suites that could notice a change in a folder. A mutant that survives runs all of them, so
 * each one costs; what only a slower suite would notice counts as a survivor.
 */
const SUITES = {
  core: ['tokens', 'http', 'guards', 'conformance'],
  http: ['http', 'guards/{bearer-cookie,csrf-modes}*', 'browser/token-cookie*'],
  keys: [
    'keys/{key-,failure,fixed,unknown,clock,token,negative,address,fetch,metadata,response,roca,wyche}*',
    'tokens/issuer-*',
    'conformance/rfc7517*',
  ],
  tokens: [
    'tokens/{access,claims,comp,decrypt,encrypted,header,issuer,logout,re,scope,signature,to,under,veri}*',
    'tokens/presets',
    'conformance/{rfc7519,rfc9068}*',
    'guards/{bearer-claims,bearer-throttle}*',
    'endpoints/logout-token*',
  ],
  guards: ['guards', 'conformance', 'http'],
  endpoints: ['endpoints'],
  browser: ['browser'],
  revocation: ['revocation'],
}

/** Starting a Redis for each mutant would take days, and a property of many runs hours. */
const SLOW = /redis-(server|under-test|topologies|clients)/

const given = process.argv.slice(2)
const targets = given.filter((argument) => !argument.startsWith('--'))
const flags = given.filter((argument) => argument.startsWith('--'))
const [folder = ''] = (targets[0] ?? '').split('/')
if (!Object.hasOwn(SUITES, folder) || !targets.every((target) => target.startsWith(folder))) {
  console.error(`Name a folder of lib/, or files in one: ${Object.keys(SUITES).join(', ')}`)
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
  testMatch: SUITES[folder].map((suite) =>
    suite.endsWith('*') ? `**/test/${suite}.test.ts` : `**/test/${suite}/**/*.test.ts`,
  ),
  testPathIgnorePatterns: slowSuites(),
}
mkdirSync('coverage/mutation', { recursive: true })
if (existsSync(config.incrementalFile)) forgetDoubtful(config.incrementalFile)
writeFileSync('coverage/stryker.json', JSON.stringify(config))
const args = ['--no-install', 'stryker', 'run', 'coverage/stryker.json', ...flags]
// A property finds in 20 runs what no example found, or hardly ever.
const env = { FUZZ_RUNS: '20', ...process.env }
process.exit(spawnSync('npx', args, { stdio: 'inherit', env }).status ?? 1)

function slowSuites() {
  const names = readdirSync('test', { recursive: true }).filter((name) => name.endsWith('.test.ts'))
  return names
    .filter((name) => SLOW.test(readFileSync(join('test', name), 'utf8')))
    .map((name) => `/test/${name.replaceAll('.', '\\.')}$`)
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
