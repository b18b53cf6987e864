import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Servers from npm, with a lockfile of their own: nobody who works on this package needs them. */
const SOURCE = join(import.meta.dirname, 'npm')

/**
 * Installs the packages of `npm/` outside the project, once for each state of their lockfile. Returns the
 * folder, in which its scripts run.
 */
export function installPackages(): string {
  const lockfile = readFileSync(join(SOURCE, 'package-lock.json'))
  const state = createHash('sha256').update(lockfile).digest('hex').slice(0, 12)
  const folder = join(tmpdir(), `express-resource-server-issuers-${state}`)
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(SOURCE)) cpSync(join(SOURCE, name), join(folder, name))
  // Written last by npm: a folder that is only half there is installed again.
  if (!existsSync(join(folder, 'node_modules/.package-lock.json'))) {
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund']
    const npm = spawnSync('npm', args, { cwd: folder, encoding: 'utf8', timeout: 180_000 })
    if (npm.status !== 0) throw new Error(`npm could not install: ${npm.stderr.slice(-300)}`)
  }
  return folder
}

/** Installs packages of Debian, where that cannot surprise anybody: as root, in CI or in a container. */
export function requireDebian(programs: readonly string[], packages: readonly string[]): void {
  const isMissing = (): boolean => programs.some((path) => !existsSync(path))
  if (!isMissing()) return
  const disposable = existsSync('/.dockerenv') || existsSync('/run/.containerenv')
  const allowed = disposable || process.env['CI'] !== undefined
  if (allowed && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    apt('update', '-qq')
    apt('install', '-y', '-qq', '--no-install-recommends', ...packages)
  }
  if (isMissing()) throw new Error(`apt-get install ${packages.join(' ')}`)
}

function apt(...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env })
}
