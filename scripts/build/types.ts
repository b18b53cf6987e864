import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** How `tsc` names another file of ours in a declaration. */
const RELATIVE = /(?:from|import\() ?["'](\.{1,2}\/[^"']+)\.js["']/g

/**
 * Declarations for `import`, and the same again for `require`: TypeScript takes the kind of a module
 * from the package.json above it, so one file cannot be right for both.
 */
export function buildTypes(
  root: string,
  dist: string,
  commonJs: string,
  entries: readonly string[],
): void {
  const tsc = join(root, 'node_modules/.bin/tsc')
  execFileSync(tsc, ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
  const reached = new Set<string>()
  for (const entry of entries) reach(entry, dist, reached)
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.d.ts') && !reached.has(name)) rmSync(join(dist, name))
  }
  for (const name of reached) shorten(join(dist, name))
  for (const name of reached) cpSync(join(dist, name), join(commonJs, name))
}

/** Literal types of whole sentences serve nobody: those of the reasons are a tenth of all declarations. */
const SENTENCE = /readonly (meaning|cause|fix|message): (?:'[^'\n]*'|"[^"\n]*");/g

function shorten(path: string): void {
  writeFileSync(path, readFileSync(path, 'utf8').replace(SENTENCE, 'readonly $1: string;'))
}

/** Declarations of which no entry's types speak are of no use to anybody. */
function reach(module: string, dist: string, reached: Set<string>): void {
  const name = `${module}.d.ts`
  if (reached.has(name)) return
  reached.add(name)
  const text = readFileSync(join(dist, name), 'utf8')
  for (const [, other = ''] of text.matchAll(RELATIVE)) {
    reach(join(dirname(module), other), dist, reached)
  }
}
