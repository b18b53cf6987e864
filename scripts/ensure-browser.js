// Runs before test:browser, which drives real browsers and skips nothing: one must be there.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const has = (binary) => spawnSync(binary, ['--version'], { stdio: 'ignore' }).status === 0
const hasOpenssl = () => spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0

const needed = () => has('chromium') && hasOpenssl()

// Firefox is driven where it is there. It is installed too where that surprises nobody, and a failure of that is told.
if (!(needed() && has('firefox-esr')) && !install()) {
  console.error(`The browser tests need Chromium and openssl on PATH; Firefox is driven too where it is found:

  Debian   sudo apt-get install -y chromium firefox-esr openssl
`)
  process.exit(1)
}

/** Installs by apt-get where that cannot surprise anybody: as root, in CI or in a container. */
function install() {
  const disposable = existsSync('/.dockerenv') || existsSync('/run/.containerenv') || process.env.CI
  const debianRoot = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (!disposable || !debianRoot) return false
  console.error('A browser is missing; installing chromium, firefox-esr and openssl with apt-get')
  apt('update', '-qq')
  apt('install', '-y', '-qq', '--no-install-recommends', 'chromium', 'firefox-esr', 'openssl')
  return has('chromium') && hasOpenssl()
}

function apt(...args) {
  spawnSync('apt-get', args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}
