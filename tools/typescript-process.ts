import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'

const SOURCES = ['lib', 'examples', 'tools', 'test/support', 'test/real-browsers']
/** Inside node_modules, so that packages are found from there. */
const CACHE = 'node_modules/.cache/express-resource-server'
/** Another run may still use one of a moment ago. */
const KEPT_MS = 3_600_000

let folder: string | undefined

/**
 * Where the compiled form of a TypeScript file of this project is, for a process that runs it. Tests start
 * some hundred of them: all files are compiled once, since a loader in each would cost more than the rest.
 */
export function compiled(file: string): string {
  if (!SOURCES.some((source) => file.startsWith(`${source}/`))) return file
  folder ??= compileAll()
  return join(folder, file.replace(/\.ts$/, '.js'))
}

function compileAll(): string {
  const files = SOURCES.flatMap(filesIn)
  const made = join(CACHE, `compiled-${fingerprintOf(files)}`)
  if (existsSync(made)) return made
  removeOld()
  const draft = mkdtempSync(join(CACHE, 'draft-'))
  // Pages and sources that are shown to readers are read from beside the code.
  cpSync('examples', join(draft, 'examples'), { recursive: true })
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  const options = ['--outbase=.', `--outdir=${draft}`, '--format=esm', '--log-level=warning']
  execFileSync('node_modules/.bin/esbuild', [...sources, ...options], { stdio: 'inherit' })
  try {
    renameSync(draft, made)
  } catch {
    // Another worker was first.
    rmSync(draft, { recursive: true })
  }
  return made
}

function filesIn(root: string): readonly string[] {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map(({ parentPath, name }) => join(parentPath, name))
}

function fingerprintOf(files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files.toSorted()) {
    const { mtimeMs, size } = statSync(file)
    hash.update(`${file} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}

function removeOld(): void {
  mkdirSync(CACHE, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name)
    const isOld = Date.now() - statSync(path).mtimeMs > KEPT_MS
    if (isOld && /^(?:compiled|draft)-/.test(name)) rmSync(path, { recursive: true, force: true })
  }
}
