// Runs the test suite on each Node, and with each version of the packages and servers that the package
// promises to work with: `npm run test:matrix`, or `npm run test:matrix -- test/guards` for a part.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { findBinary } from '../tools/redis-server.js'
import { runJest } from '../tools/run-jest.js'

interface Row {
  readonly name: string
  /** Of the npm package `node`. @default the Node that runs this */
  readonly node?: string
  /** What tests get for a package that they import. */
  readonly packages?: Readonly<Record<string, string>>
  /** The server that tests find as `redis-server`. */
  readonly server?: 'redis-server' | 'valkey-server'
}

/** As far as one is wanted here. */
interface Report {
  readonly numPassedTests: number
  readonly numPendingTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

/** The first is what the others differ from in one thing. */
const ROWS: readonly Row[] = [
  {
    name: 'Node 20, Express 5, ioredis 6, node-redis 6, Redis',
    node: '20',
    server: 'redis-server',
  },
  { name: 'Node 22', node: '22' },
  { name: 'Node 24', node: '24' },
  { name: 'Express 4', packages: { express: 'express4' } },
  { name: 'ioredis 5', packages: { ioredis: 'ioredis5' } },
  { name: 'node-redis 5', packages: { redis: 'redis5' } },
  { name: 'Valkey', server: 'valkey-server' },
]

const folder = mkdtempSync(join(tmpdir(), 'ers-matrix-'))
try {
  console.log('| with | passed | failed | passed when run again | skipped | seconds |')
  console.log('| --- | --- | --- | --- | --- | --- |')
  for (const row of ROWS) console.log(`| ${row.name} ${run(row)} |`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function run({ node, packages = {}, server }: Row): string {
  const binary = server && findBinary(server)
  // A server that is not installed here says nothing about the package.
  if (server && binary === undefined) return `| - | - | - | ${server} is not on PATH`
  const options = {
    ...(node && { node: nodeBinary(node) }),
    env: {
      TEST_PACKAGES: JSON.stringify(packages),
      ...(binary && { PATH: `${folderOf(binary)}${delimiter}${process.env['PATH']}` }),
    },
  }
  const runTests = (...args: readonly string[]): Report =>
    runJest((path) => ({ ...options, args: ['--json', `--outputFile=${path}`, ...args] }))
      .report as Report
  const startedAt = performance.now()
  const first = runTests(...process.argv.slice(2))
  const failed = failuresOf(first)
  // An hour of tests meets a busy second. What a row says about a package fails in each run.
  const again = failed.size === 0 ? undefined : runTests('--runInBand', ...suitesOf(first))
  const lasting = again ? failuresOf(again) : failed
  if (lasting.size > 0) process.exitCode = 1
  for (const name of lasting) console.error(`fails twice: ${name}`)
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  const recovered = [...failed].filter((name) => !lasting.has(name)).length
  const passed = first.numPassedTests + recovered
  return `| ${passed} | ${lasting.size} | ${recovered} | ${first.numPendingTests} | ${seconds}`
}

function suitesOf(report: Report): readonly string[] {
  return report.testResults.filter(({ status }) => status === 'failed').map(({ name }) => name)
}

/** Tests by name; a suite that could not be loaded counts as one. */
function failuresOf(report: Report): ReadonlySet<string> {
  const names = report.testResults.flatMap(({ name, status, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed')
    if (failed.length === 0 && status === 'failed') return [name]
    return failed.map(({ fullName }) => `${name}: ${fullName}`)
  })
  return new Set(names)
}

/** Installed from the npm package `node`, which has the binaries of each version. */
function nodeBinary(major: string): string {
  const at = join(folder, `node-${major}`)
  mkdirSync(at)
  writeFileSync(join(at, 'package.json'), '{}')
  const install = ['install', '--silent', '--no-audit', '--no-fund', `node@${major}`]
  const { status } = spawnSync('npm', install, { cwd: at, stdio: 'inherit' })
  if (status !== 0) throw new Error(`npm could not install node@${major}`)
  return join(at, 'node_modules/node/bin/node')
}

/** Tests take the first `redis-server` on PATH. */
function folderOf(binary: string): string {
  const at = mkdtempSync(join(folder, 'server-'))
  symlinkSync(binary, join(at, 'redis-server'))
  return at
}
