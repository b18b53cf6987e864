import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Kept from one run to the next, and outside the project: these servers are nobody's dependency. */
const FOLDER = join(tmpdir(), 'express-resource-server-issuers')

/** Installs an npm package of a pinned version, where it is not there yet, and imports it. */
export async function importInstalled(name: string, version: string): Promise<unknown> {
  const folder = join(FOLDER, `${name}-${version}`.replaceAll('/', '_'))
  mkdirSync(folder, { recursive: true })
  const here = createRequire(join(folder, 'index.js'))
  try {
    return await import(pathToFileURL(here.resolve(name)).href)
  } catch {
    const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', `${name}@${version}`]
    const { status, stderr } = spawnSync('npm', args, { encoding: 'utf8', timeout: 90_000 })
    if (status !== 0) throw new Error(`npm could not install ${name}: ${stderr.slice(-200)}`)
    return import(pathToFileURL(here.resolve(name)).href)
  }
}
