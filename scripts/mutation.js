// Mutation testing, one folder of lib/ at a time: `npm run mutation -- tokens`, or one file:
// `npm run mutation -- http/challenge.ts`. Long; not a part of CI.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'

/** Suites that could notice a change in a folder, without those that drive processes or wait. */
const SUITES = {
  core: ['tokens', 'http', 'guards', 'conformance'],
  http: ['http', 'guards', 'conformance', 'hostile'],
  keys: ['keys/{key-,unknown,token,negative,address,metadata,fetch,roca,response}*', 'tokens'],
  tokens: ['tokens', 'conformance', 'hostile', 'guards/require-bearer*'],
  guards: ['guards', 'conformance', 'http'],
  endpoints: ['endpoints'],
  revocation: ['revocation/*'],
}

const [target = ''] = process.argv.slice(2)
const folder = target.split('/')[0]
if (!Object.hasOwn(SUITES, folder)) {
  console.error(`Name a folder of lib/, or a file in it: ${Object.keys(SUITES).join(', ')}`)
  process.exit(1)
}

const config = JSON.parse(readFileSync('stryker.config.json', 'utf8'))
config.mutate = [target.endsWith('.ts') ? `lib/${target}` : `lib/${target}/**/*.ts`]
config.jest.config = {
  testMatch: SUITES[folder].map((suite) =>
    suite.includes('*') ? `**/test/${suite}.test.ts` : `**/test/${suite}/**/*.test.ts`,
  ),
}
mkdirSync('coverage', { recursive: true })
writeFileSync('coverage/stryker.json', JSON.stringify(config))
const args = ['--no-install', 'stryker', 'run', 'coverage/stryker.json']
process.exit(spawnSync('npx', args, { stdio: 'inherit' }).status ?? 1)
