import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch, type Browser, type LaunchOptions } from 'puppeteer-core'
import { HOST_NAMES } from './lab.js'

export interface RunningBrowser {
  readonly name: string
  readonly browser: Browser
  close(): Promise<void>
}

/** Loopback only, and nothing that a browser does on its own account. */
const BROWSERS: readonly (LaunchOptions & { readonly binary: string })[] = [
  {
    browser: 'chrome',
    binary: 'chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable',
      '--host-resolver-rules=MAP * 127.0.0.1',
    ],
  },
  {
    browser: 'firefox',
    binary: 'firefox-esr',
    extraPrefsFirefox: {
      'network.dns.localDomains': HOST_NAMES.join(','),
      'browser.send_pings': true,
      'browser.send_pings.require_same_host': false,
      'dom.security.https_only_mode': false,
      'dom.security.https_first': false,
    },
  },
]

/** Launches each browser that is installed, with a profile of its own. */
export async function launchBrowsers(): Promise<readonly RunningBrowser[]> {
  const installed = BROWSERS.flatMap(({ binary, ...options }) => {
    const executablePath = pathOf(binary)
    return executablePath === undefined ? [] : [{ ...options, executablePath }]
  })
  return Promise.all(installed.map(launchOne))
}

async function launchOne(options: LaunchOptions): Promise<RunningBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'ers-browser-'))
  const browser = await launch({ ...options, userDataDir: profile, acceptInsecureCerts: true })
  return {
    name: await browser.version(),
    browser,
    async close() {
      await browser.close()
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function pathOf(binary: string): string | undefined {
  const { status, stdout } = spawnSync('which', [binary], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}
