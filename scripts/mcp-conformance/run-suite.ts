import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installed } from '../issuers/install.js'

export const SUITE = '@modelcontextprotocol/conformance'
/** The newest that is published (November 2026). */
export const VERSION = '0.2.0-alpha.12'

interface Check {
  readonly id: string
  readonly status: string
  readonly errorMessage?: string
}

/** What the suite found, by scenario. */
export type Report = ReadonlyMap<string, readonly Check[]>

const folder = installed(SUITE, VERSION)

function start(args: readonly string[], stdout: 'pipe' | 'ignore') {
  const hook = join(import.meta.dirname, 'old-node.js')
  const suite = join(folder, 'node_modules', SUITE, 'dist/index.js')
  const all = ['--import', hook, suite, ...args]
  return spawn(process.execPath, all, { stdio: ['ignore', stdout, 'inherit'] })
}

/** Runs all scenarios against that URL which those arguments of the suite choose. */
export async function runSuite(url: string, args: readonly string[]): Promise<Report> {
  const results = mkdtempSync(join(tmpdir(), 'mcp-conformance-'))
  await once(start(['server', '--url', url, ...args, '-o', results], 'ignore'), 'exit')
  const report = new Map(
    readdirSync(results).map((name) => {
      const checks = readFileSync(join(results, name, 'checks.json'), 'utf8')
      const scenario = /^server-(.*)-\d{4}-\d\d-\d\dT/.exec(name)?.[1] ?? name
      return [scenario, JSON.parse(checks) as readonly Check[]]
    }),
  )
  rmSync(results, { recursive: true })
  return report
}

/** Names of the scenarios for servers that the suite has. */
export async function scenariosForServers(): Promise<readonly string[]> {
  const child = start(['list', '--server'], 'pipe')
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text))
  await once(child, 'close')
  return [...output.matchAll(/^ {2}- (\S+) \[/gm)].map(([, name = '']) => name)
}
