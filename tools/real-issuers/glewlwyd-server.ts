import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { freePort } from '../../lib/testing/free-port.js'
import { requireDebian } from './packages.js'
import { startProgram } from './program.js'

export interface GlewlwydServer {
  readonly root: string
  readonly stop: () => Promise<void>
}

const SCHEMA = '/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz'
const PAGES = '/usr/share/glewlwyd/webapp'
const PROGRAMS = ['glewlwyd', 'rnbyc', 'sqlite3'].map((name) => `/usr/bin/${name}`)

/** Whether Debian's packages `glewlwyd` and `sqlite3` are there, and the tool `rnbyc`. */
export function hasGlewlwyd(): boolean {
  return [...PROGRAMS, SCHEMA].every((path) => existsSync(path))
}

/** Rejects with the package that is missing, where it cannot be installed here. */
export async function startGlewlwydServer(): Promise<GlewlwydServer> {
  requireDebian([...PROGRAMS, SCHEMA], ['glewlwyd', 'rnbyc', 'sqlite3'])
  const folder = mkdtempSync(join(tmpdir(), 'glewlwyd-'))
  const database = join(folder, 'glewlwyd.db')
  // A database that nobody needs afterwards does not wait for the disk.
  const hasty = Buffer.from('PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY;\n')
  const input = Buffer.concat([hasty, gunzipSync(readFileSync(SCHEMA))])
  execFileSync('sqlite3', [database], { input })
  const port = await freePort()
  const root = `http://127.0.0.1:${port}`
  const config = join(folder, 'glewlwyd.conf')
  writeFileSync(
    config,
    configuration({ port, root, database, log: join(folder, 'log'), pages: pagesIn(folder) }),
  )
  const readyAt = `${root}/config`
  const args = [`--config-file=${config}`]
  const program = await startProgram('glewlwyd', args, { cwd: folder, readyAt })
  return {
    root,
    async stop() {
      await program.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Its pages read a file, in whose place Debian's package has a folder. */
function pagesIn(folder: string): string {
  const pages = join(folder, 'webapp')
  const config = join(PAGES, 'config.json')
  cpSync(PAGES, pages, { recursive: true, dereference: true, filter: (path) => path !== config })
  cpSync(join(config, 'config.json'), join(pages, 'config.json'))
  return pages
}

/** The one that Debian installs, on a port and a database of its own, with its pages. */
function configuration(
  at: Record<'root' | 'database' | 'log' | 'pages', string> & { port: number },
): string {
  const values: Readonly<Record<string, string>> = {
    port: String(at.port),
    bind_address: '"127.0.0.1"',
    external_url: `"${at.root}"`,
    log_mode: '"file"',
    log_level: '"WARNING"',
    log_file: `"${at.log}"`,
    static_files_path: `"${at.pages}/"`,
  }
  const given = readFileSync('/etc/glewlwyd/glewlwyd.conf', 'utf8')
  const names = Object.keys(values).join('|')
  const kept = given.replaceAll(new RegExp(`^#? *(?:${names}) *=.*$|^@include.*$`, 'gm'), '')
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}`)
  const database = `database = { type = "sqlite3"; path = "${at.database}"; };`
  return [kept, ...lines, database, ''].join('\n')
}
