import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Kept from one run to the next, and outside the project: these servers are nobody's dependency. */
const FOLDER = join(tmpdir(), 'express-resource-server-issuers')

/** Imports an npm package of a pinned version. */
export async function importInstalled(name: string, version: string): Promise<unknown> {
  const here = createRequire(join(installed(name, version), 'index.js'))
  return import(pathToFileURL(here.resolve(name)).href)
}

/** Installs an npm package of a pinned version, where it is not there yet. Returns the folder it is installed in. */
export function installed(name: string, version: string): string {
  const folder = join(FOLDER, `${name}-${version}`.replaceAll('/', '_'))
  if (existsSync(join(folder, 'node_modules', name))) return folder
  mkdirSync(folder, { recursive: true })
  const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', `${name}@${version}`]
  const { status, stderr } = spawnSync('npm', args, { encoding: 'utf8', timeout: 90_000 })
  if (status !== 0) throw new Error(`npm could not install ${name}: ${stderr.slice(-200)}`)
  return folder
}
