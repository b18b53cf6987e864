// Runs before the tests: they use a real Redis server and skip nothing, so one must be there.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const has = (binary) => spawnSync(binary, ['--version'], { stdio: 'ignore' }).status === 0

if (!has('redis-server') && !has('valkey-server') && !install()) {
  console.error(`The tests need a Redis server binary on PATH. Install one, then run npm test again:

  Debian, Ubuntu   sudo apt-get install -y redis-server
  Fedora, RHEL     sudo dnf install -y valkey
  macOS            brew install redis
`)
  process.exit(1)
}

/** Installs by apt-get where that cannot surprise anybody: as root, in CI or in a container. */
function install() {
  const disposable = existsSync('/.dockerenv') || existsSync('/run/.containerenv') || process.env.CI
  const debianRoot = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (!disposable || !debianRoot) return false
  console.error('No Redis server found; installing redis-server with apt-get')
  apt('update', '-qq')
  apt('install', '-y', '-qq', '--no-install-recommends', 'redis-server')
  return has('redis-server')
}

function apt(...args) {
  spawnSync('apt-get', args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  })
}
