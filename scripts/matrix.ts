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
  readonly numFailedTests: number
  readonly numPendingTests: number
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
const lines = ['| with | passed | failed | skipped | seconds |', '| --- | --- | --- | --- | --- |']
try {
  for (const row of ROWS) lines.push(`| ${row.name} ${run(row)} |`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(lines.join('\n'))

function run({ node, packages = {}, server }: Row): string {
  const binary = server && findBinary(server)
  // A server that is not installed here says nothing about the package.
  if (server && binary === undefined) return `| - | - | - | ${server} is not on PATH`
  const startedAt = performance.now()
  const { report, passed: green } = runJest((path) => ({
    args: ['--json', `--outputFile=${path}`, ...process.argv.slice(2)],
    ...(node && { node: nodeBinary(node) }),
    env: {
      TEST_PACKAGES: JSON.stringify(packages),
      ...(binary && { PATH: `${folderOf(binary)}${delimiter}${process.env['PATH']}` }),
    },
  }))
  if (!green) process.exitCode = 1
  const { numPassedTests, numFailedTests, numPendingTests } = report as Report
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  return `| ${numPassedTests} | ${numFailedTests} | ${numPendingTests} | ${seconds}`
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
