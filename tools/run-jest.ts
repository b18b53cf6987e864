import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT: string = fileURLToPath(new URL('..', import.meta.url))

export interface JestRun {
  readonly report: unknown
  readonly passed: boolean
}

/** Runs jest, and reads the JSON that the run leaves at the path that `options` were given. */
export function runJest(
  options: (reportPath: string) => {
    readonly args: readonly string[]
    readonly env?: Readonly<Record<string, string>>
    /** The Node that runs it. @default this one */
    readonly node?: string
  },
): JestRun {
  const folder = mkdtempSync(join(tmpdir(), 'ers-report-'))
  const path = join(folder, 'report.json')
  const { args, env, node = process.execPath } = options(path)
  const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js']
  try {
    const { status } = spawnSync(node, [...jest, ...args], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    return { report: readJson(path), passed: status === 0 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}

/** Text that is safe in a cell of a Markdown table. */
export function tableCell(text: string): string {
  return text.replace(/[|<>\\]/g, (character) => `\\${character}`).replace(/\s+/g, ' ')
}
